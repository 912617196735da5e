import { NgModule } from '@angular/core'
import { AppLogo } from './components/app-logo'
import { PageFrame } from './components/page-frame'

/** What every page is made of, also those that are shown when the client cannot start. */
@NgModule({
  declarations: [AppLogo, PageFrame],
  exports: [AppLogo, PageFrame],
})
export class FrameModule {}
