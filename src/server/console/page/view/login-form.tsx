/** The door, where the server wants a token. It is kept for this tab alone, and gone with it. */

import { useConsole } from './console-context.tsx';

const KEPT_AS = 'dragoman-token';

/** The token of this tab; empty where there is none. */
export function keptToken(): string {
  return sessionStorage.getItem(KEPT_AS) ?? '';
}

export function LoginForm() {
  const { link } = useConsole();
  const wrong = keptToken() !== '';
  return (
    <form
      class="card door"
      onSubmit={(event) => {
        event.preventDefault();
        const token = String(new FormData(event.currentTarget).get('token') ?? '').trim();
        sessionStorage.setItem(KEPT_AS, token);
        link.unlock(token);
      }}
    >
      <h2>This server asks who you are</h2>
      <label>
        <span class="label">Token</span>
        <input type="password" name="token" required autocomplete="off" autofocus />
      </label>
      {wrong && (
        <p class="alarm" role="alert">
          The server does not know this token.
        </p>
      )}
      <p class="soft">A token of the file that the server was given with --api-token-file.</p>
      <button type="submit" class="first">
        Open the console
      </button>
    </form>
  );
}
