/** Which part of the console is shown, as the address says it behind its `#`, so that a call can be linked to. */

export type Route =
  | { readonly type: 'calls' }
  | { readonly type: 'call'; readonly id: string }
  | { readonly type: 'ended' }
  | { readonly type: 'replay'; readonly id: string }
  | { readonly type: 'records' }
  | { readonly type: 'record'; readonly id: string }
  | { readonly type: 'engines' }
  | { readonly type: 'nodes' };

/** What `#…` leads to; the calls, where it leads nowhere. */
export function routeOf(hash: string): Route {
  const [, place = '', id = ''] = /^#\/([a-z]*)(?:\/([^/]+))?$/.exec(hash) ?? [];
  switch (place) {
    case 'call':
      return id === '' ? { type: 'calls' } : { type: 'call', id };
    case 'ended':
      return id === '' ? { type: 'ended' } : { type: 'replay', id };
    case 'records':
      return id === '' ? { type: 'records' } : { type: 'record', id };
    case 'engines':
      return { type: 'engines' };
    case 'nodes':
      return { type: 'nodes' };
    default:
      return { type: 'calls' };
  }
}

export function hashOf(route: Route): string {
  switch (route.type) {
    case 'calls':
      return '#/';
    case 'call':
      return `#/call/${route.id}`;
    case 'replay':
      return `#/ended/${route.id}`;
    case 'record':
      return `#/records/${route.id}`;
    default:
      return `#/${route.type}`;
  }
}

/** Where "back" leads; undefined: this is the first page. */
export function above(route: Route): Route | undefined {
  switch (route.type) {
    case 'calls':
      return undefined;
    case 'replay':
      return { type: 'ended' };
    case 'record':
      return { type: 'records' };
    default:
      return { type: 'calls' };
  }
}
