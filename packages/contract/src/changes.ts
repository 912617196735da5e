/**
 * The changes that the log records, by the description of their entries, and how the dashboard tells each of them after
 * the name of the caller. `{role}` and the like stand for the objects of that type that the change names.
 */
export const changes = {
  'Create a user': 'created the user {user}',
  'Update a user': 'changed the user {user}',
  'Delete a user': 'deleted the user {user}',
  'Assign roles to a user': 'assigned {role} to {user}',
  'Assign users to a role': 'assigned {role} to {user}',
  'Take roles from a user': 'removed {role} from {user}',
  'Receive roles from a provider': 'got {role} from {connection}',
  'Lose roles from a provider': 'no longer gets {role} from {connection}',
  'Give permissions to a user': 'gave {permission} to {user} directly',
  'Take permissions from a user': 'took {permission} from {user}',
  'Link an account to a user': 'linked an account of {connection} to {user}',
  'Unlink an account from a user': 'unlinked an account of {connection} from {user}',
  'End the sessions of a user': 'ended the sessions of {user}',
  'End a session': 'ended a session of {user}',
  'Revoke the refresh tokens of a user': 'revoked the refresh tokens of {user}',
  'Sign a user out everywhere': 'logged {user} out everywhere',
  'Unblock a user': 'ended the pause of {user}',
  'Unblock an address': 'ended the pause of {user}',
  'Create a password change ticket': 'created a password link for {user}',
  'Create an email verification ticket': 'created a verification link for {user}',
  'Send a verification email': 'sent a verification email to {user}',
  'Import users': 'imported users into {connection}',
  'Export users': 'exported users',
  'Create a role': 'created the role {role}',
  'Update a role': 'changed the role {role}',
  'Delete a role': 'deleted the role {role}',
  'Add permissions to a role': 'added {permission} to {role}',
  'Remove permissions from a role': 'removed {permission} from {role}',
  'Create a resource server': 'created the API {api}',
  'Update a resource server': 'changed the API {api}',
  'Delete a resource server': 'deleted the API {api}',
  'Create a client': 'created the application {client}',
  'Update a client': 'changed the application {client}',
  'Delete a client': 'deleted the application {client}',
  'Rotate a client secret': 'made a new secret for {client}',
  'End a client secret': 'ended the previous secret of {client}',
  'Create a client credential': 'added a public key to {client}',
  'Update a client credential': 'changed a public key of {client}',
  'Delete a client credential': 'removed a public key from {client}',
  'Create a client grant': 'granted {client} access to {api}',
  'Update a client grant': 'changed the access of {client} to {api}',
  'Delete a client grant': 'ended the access of {client} to {api}',
  'Delete a grant': 'revoked the consent of {user} for {client}',
  'Delete the grants of a user': 'revoked the consents of {user}',
  'Create a connection': 'created the connection {connection}',
  'Update a connection': 'changed the connection {connection}',
  "Update a connection's clients": 'changed which applications use {connection}: {client}',
  'Delete a connection': 'deleted the connection {connection}',
  'Delete an authentication method of a user': 'removed a second factor of {user}',
  'Delete the authentication methods of a user': 'removed every second factor of {user}',
  'Rename an authentication method of a user': 'renamed a second factor of {user}',
  'Update the policy of second factors': 'changed who needs a second factor',
  'Update tenant settings': 'changed the settings of the tenant',
  'Create a log stream': 'created a log stream',
  'Update a log stream': 'changed a log stream',
  'Delete a log stream': 'deleted a log stream',
  'Retry a delivery of a log stream': 'sent a delivery of a log stream again',
  'Rotate the signing key': 'rotated the signing key',
  'Revoke a signing key': 'revoked a signing key',
} as const

/** The description of a change in the log. */
export type ChangeDescription = keyof typeof changes

/** An object that a change names, as it was called then. */
export interface ChangeTarget {
  type: 'user' | 'role' | 'api' | 'client' | 'connection' | 'permission'
  id: string
  name: string
}
