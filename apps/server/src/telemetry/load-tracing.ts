import { ConfigError } from '../config.ts'

/** In the versions that are tested. */
const packages = [
  '@opentelemetry/api@1.10',
  '@opentelemetry/sdk-trace@3',
  '@opentelemetry/exporter-trace-otlp-http@0.301',
  '@opentelemetry/resources@3',
]

/**
 * Loads OpenTelemetry's packages, which are not part of the installation: most servers trace nothing.
 * @throws {ConfigError} which says how to install them
 */
export async function loadTracing() {
  try {
    const [api, sdk, { OTLPTraceExporter: Exporter }, { resourceFromAttributes }] = await Promise.all([
      import('@opentelemetry/api'),
      import('@opentelemetry/sdk-trace'),
      import('@opentelemetry/exporter-trace-otlp-http'),
      import('@opentelemetry/resources'),
    ])
    return { api, sdk, Exporter, resource: resourceFromAttributes({ 'service.name': 'rolecall' }) }
  } catch (cause) {
    const isMissing = cause instanceof Error && 'code' in cause && cause.code === 'ERR_MODULE_NOT_FOUND'
    if (!isMissing) throw cause
    throw new ConfigError(
      `TRACES_URL needs packages that are not installed: run npm install ${packages.join(' ')}, or leave TRACES_URL out.`,
      { cause },
    )
  }
}
