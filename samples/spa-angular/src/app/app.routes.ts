import type { Routes } from '@angular/router'
import { RequireLogin } from './components/require-login'
import { AdminPage } from './pages/admin'
import { CallbackPage } from './pages/callback'
import { HomePage } from './pages/home'
import { NotFoundPage } from './pages/not-found'
import { ProfilePage } from './pages/profile'
import { ProtectedPage } from './pages/protected'
import { PublicPage } from './pages/public'

export const routes: Routes = [
  { path: '', pathMatch: 'full', component: HomePage },
  { path: 'public', component: PublicPage },
  { path: 'callback', component: CallbackPage },
  {
    path: '',
    component: RequireLogin,
    children: [
      { path: 'profile', component: ProfilePage },
      { path: 'protected', component: ProtectedPage },
      { path: 'admin', component: AdminPage },
    ],
  },
  { path: '**', component: NotFoundPage },
]
