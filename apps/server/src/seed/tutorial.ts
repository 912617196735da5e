/** The objects of the tutorial in README.md, and the routes of its Hello World API. */
export const tutorial = {
  api: { identifier: 'https://hello-world.example.com', name: 'Hello World API Server' },
  permission: { value: 'read:admin-messages', description: 'Read admin messages' },
  role: { name: 'messages-admin', description: 'Access admin messaging features' },
  routes: {
    public: '/api/messages/public',
    protected: '/api/messages/protected',
    admin: '/api/messages/admin',
  },
  /** What each route answers, and what the last one answers a user without the permission. */
  messages: {
    public: { text: 'This is a public message.' },
    protected: { text: 'This is a protected message.' },
    admin: { text: 'This is an admin message.' },
    denied: { message: 'Permission denied' },
  },
} as const
