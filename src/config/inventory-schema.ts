const variables = {
  type: ["object", "null"],
  description: "Variables, as in Ansible. lfce uses the ones listed here; others serve as {{ name }}.",
  properties: {
    ansible_host: { description: "Address to connect to. Default: the host's name." },
    ansible_port: { description: "SSH port. Default: 22." },
    ansible_user: { description: "User to log in as. Default: yours." },
    ansible_ssh_private_key_file: {
      description: "Private key; a relative path starts at the inventory's directory.",
    },
    ansible_become: { description: "Become root with sudo." },
    ansible_become_method: { description: "Only sudo." },
    ansible_become_password: { description: "Password for sudo; better: --ask-become-pass." },
    ansible_connection: { description: "Only ssh." },
    ansible_ssh_common_args: {
      description: "ssh options: -J HOST, -o ProxyJump=HOST, -o UserKnownHostsFile=PATH.",
    },
    ansible_group_priority: {
      description: "Of groups at the same depth the one with the larger number wins.",
    },
    service_address: {
      description: "Address at which other hosts reach this one. Default: ansible_host, else the name.",
    },
  },
} as const;

const group = {
  type: ["object", "null"],
  description: "A group of hosts.",
  properties: {
    hosts: {
      type: ["object", "null"],
      description: "Hosts by name, each with its variables. Ranges: web[01:50], db[a:f].",
      additionalProperties: { $ref: "#/definitions/variables" },
    },
    children: {
      type: ["object", "null"],
      description: "Groups inside this group.",
      additionalProperties: { $ref: "#/definitions/group" },
    },
    vars: { $ref: "#/definitions/variables" },
  },
} as const;

/**
 * The JSON Schema of Ansible's YAML inventory. Unknown keys of a group are not refused here, because Ansible
 * skips them; the reader of the inventory says what it skips.
 */
export const InventorySchema = {
  title: "lfce inventory",
  description: "Hosts and groups, as Ansible's YAML inventory.",
  type: "object",
  additionalProperties: { $ref: "#/definitions/group" },
  definitions: { group, variables },
} as const;

/** A file below group_vars/ or host_vars/. */
export const VariableFileSchema = { type: ["object", "null"] } as const;
