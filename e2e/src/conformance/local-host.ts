// Makes the host name in ROLECALL_LOCAL_HOST this machine, as a line of the hosts file would. The programs of a run preload it.
import dns from 'node:dns'

const { lookup } = dns

dns.lookup = Object.assign((host: string, ...rest: unknown[]) => {
  const address = host === process.env['ROLECALL_LOCAL_HOST'] ? '127.0.0.1' : host
  return Reflect.apply(lookup, dns, [address, ...rest])
}, lookup)
