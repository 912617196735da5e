export { Html, html, markup } from '../http/html.ts'
