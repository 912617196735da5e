import { createRouter, createWebHistory } from 'vue-router'
import RequireLogin from './components/require-login.vue'
import AdminPage from './pages/admin.vue'
import CallbackPage from './pages/callback.vue'
import HomePage from './pages/home.vue'
import NotFoundPage from './pages/not-found.vue'
import ProfilePage from './pages/profile.vue'
import ProtectedPage from './pages/protected.vue'
import PublicPage from './pages/public.vue'

export function createAppRouter() {
  return createRouter({
    history: createWebHistory(),
    scrollBehavior: (_to, _from, saved) => saved ?? { top: 0 },
    routes: [
      { path: '/', component: HomePage },
      { path: '/public', component: PublicPage },
      { path: '/callback', component: CallbackPage },
      {
        path: '/',
        component: RequireLogin,
        children: [
          { path: 'profile', component: ProfilePage },
          { path: 'protected', component: ProtectedPage },
          { path: 'admin', component: AdminPage },
        ],
      },
      { path: '/:path(.*)*', component: NotFoundPage },
    ],
  })
}
