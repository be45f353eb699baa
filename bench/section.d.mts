export function withSection(page: string, title: string, section: string): string;
export function withSectionOf(older: string, page: string, title: string): string;
