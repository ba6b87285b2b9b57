/** Whether a guest, as Proxmox lists it, has this tag. Its tags are one text; `;`, `,` and a space part them. */
export const hasTag = (guest: { readonly tags?: string | undefined }, tag: string): boolean =>
  guest.tags?.split(/[;, ]/).includes(tag) === true;
