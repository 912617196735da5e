import { NgModule } from '@angular/core'
import { BrowserModule } from '@angular/platform-browser'
import { FrameModule } from './frame.module'
import { MissingConfigurationPage } from './pages/missing-configuration'
import { OtherOriginPage } from './pages/other-origin'

/** The pages in place of a client that lacks its configuration. */
@NgModule({
  imports: [BrowserModule, FrameModule],
  declarations: [MissingConfigurationPage],
  bootstrap: [MissingConfigurationPage],
})
export class MissingConfigurationModule {}

/** The page in place of a client that was opened at another address than its own. */
@NgModule({
  imports: [BrowserModule, FrameModule],
  declarations: [OtherOriginPage],
  bootstrap: [OtherOriginPage],
})
export class OtherOriginModule {}
