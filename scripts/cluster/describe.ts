import type { Credentials } from '../start/credentials.ts'
import type { Cluster } from './cluster.ts'

const row = (what: string, where: string) => `  ${what.padEnd(22)}${where}`

/** What runs where, and what to try. */
export function describeCluster(cluster: Cluster, { users, applications }: Credentials): string {
  const { members, nodes, folder, issuer } = cluster
  const program = (what: string, name: string) =>
    row(what, `127.0.0.1:${cluster.port(name)}  process ${cluster.process(name).pid}`)
  return [
    'Rolecall runs as a cluster. Ctrl-C stops it and deletes its data.',
    '',
    row('Rolecall', issuer),
    row('Dashboard', `${issuer}dashboard`),
    ...nodes.map(({ name, url, pid }) => row(`Rolecall ${name}`, `${url}  process ${pid}`)),
    program('HAProxy, nodes', 'entrance'),
    program('HAProxy of node1', 'database1'),
    program('HAProxy of node2', 'database2'),
    ...(cluster.running.has('pgbouncer') ? [program('PgBouncer', 'pgbouncer')] : []),
    ...members.map((member) =>
      row(
        `PostgreSQL ${member.name}`,
        `127.0.0.1:${member.port}  process ${member.postmasterPid}, Patroni process ${member.patroniPid}`,
      ),
    ),
    program('etcd', 'etcd'),
    row('Logs, configuration', folder.path),
    '',
    'Accounts (generated for this run):',
    ...[users.owner, users.admin, users.member].map(({ email, password }) => row(email, password)),
    row(
      'client credentials',
      `${applications.management.client_id}  ${applications.management.client_secret}`,
    ),
    '',
    'Try a fail-over: watch the members, and kill the process of the one that is the leader.',
    `  curl -s http://127.0.0.1:${members[0]?.restPort}/cluster`,
  ].join('\n')
}
