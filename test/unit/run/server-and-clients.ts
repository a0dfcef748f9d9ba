/** A playbook in which time1 serves the time and all others are its clients, whose play has these keys besides. */
export const playbook = (clientKeys = "") => `
- name: Servers
  hosts: time1
  roles: [{ role: ntp_server, allow: [192.0.2.0/24], local_stratum: 10 }]
- name: Clients
  hosts: all:!time1
${clientKeys}  roles: [{ role: ntp_client }]
`;
