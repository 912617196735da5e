import { clients, tryClients } from './journey.ts'

tryClients(clients.angular)
