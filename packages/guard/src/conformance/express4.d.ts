/** Express 4, installed under this name. The tests use the part of its API that is the same in 5. */
declare module 'express4' {
  import express from 'express'

  export default express
}
