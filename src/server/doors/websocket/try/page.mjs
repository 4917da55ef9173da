/**
 * The page of `/try`: joins a room with a language, says what the microphone hears and plays what the others say. The
 * link may bring `?room=`, `?language=` and, behind `#`, `token=`, which no server and no log of one sees.
 */

const RETRY_MS = [200, 400, 800, 1_600];
const WIRE_HZ = 16_000;
const MOST_CAPTIONS = 30;

const settings = JSON.parse(document.getElementById('settings').textContent);
const asked = new URLSearchParams(location.search);
const token = new URLSearchParams(location.hash.slice(1)).get('token');
const $ = (id) => document.getElementById(id);
const nameOf = (code) => new Intl.DisplayNames([code, 'en'], { type: 'language' }).of(code) ?? code;

let call;

for (const code of settings.languages) {
  $('language').append(new Option(`${nameOf(code)} (${code})`, code));
}
const wanted =
  asked.get('language') ?? settings.languages.find((code) => navigator.language.startsWith(code));
if (settings.languages.includes(wanted)) {
  $('language').value = wanted;
}
$('room').value = asked.get('room') ?? $('room').value;

if (!isSecureContext || navigator.mediaDevices === undefined) {
  notice(
    'A browser gives its microphone only to pages by https, or of this very machine: open http://localhost…, or put a proxy with TLS before dragoman.',
  );
  $('join').disabled = true;
}

$('door').addEventListener('submit', async (event) => {
  event.preventDefault();
  $('join').disabled = true;
  notice('');
  try {
    call = await Call.begin($('room').value, $('language').value);
  } catch (error) {
    notice(explain(error));
    show('door');
  }
});
$('mute').addEventListener('click', () => call?.mute());
$('leave').addEventListener('click', () => call?.leave());
document.addEventListener('keydown', (event) => {
  if (event.key.toLowerCase() === 'm' && !event.ctrlKey && !event.metaKey && !$('call').hidden) {
    call?.mute();
  }
});
addEventListener('pagehide', () => call?.leave());

class Call {
  constructor(room, language, stream, context) {
    Object.assign(this, { room, language, stream, context, tries: 0, over: false });
    this.microphone = new AudioWorkletNode(context, 'microphone', { numberOfOutputs: 0 });
    this.loudspeaker = new AudioWorkletNode(context, 'loudspeaker', {
      numberOfInputs: 0,
      outputChannelCount: [1],
    });
    context.createMediaStreamSource(stream).connect(this.microphone);
    this.loudspeaker.connect(context.destination);
    this.microphone.port.onmessage = ({ data }) => {
      $('says').value = loudness(data.level);
      if (this.socket.readyState === WebSocket.OPEN && this.socket.bufferedAmount < WIRE_HZ) {
        this.socket.send(data.frame);
      }
    };
    this.loudspeaker.port.onmessage = ({ data }) => {
      $('hears').value = loudness(data.level);
    };
    this.connect();
  }

  static async begin(room, language) {
    const audio = { echoCancellation: true, noiseSuppression: true, autoGainControl: true, channelCount: 1 };
    const stream = await navigator.mediaDevices.getUserMedia({ audio });
    const context = new AudioContext({ latencyHint: 'interactive' });
    await context.audioWorklet.addModule(new URL('try/sound.mjs', location.href));
    await context.resume();
    return new Call(room, language, stream, context);
  }

  connect() {
    const url = new URL('try/socket', location.href);
    url.protocol = url.protocol.replace('http', 'ws');
    url.search = new URLSearchParams({
      room: this.room,
      language: this.language,
      session: this.session ?? '',
    });
    url.hash = '';
    this.socket = new WebSocket(url, token === null ? ['dragoman'] : ['dragoman', `token.${token}`]);
    this.socket.binaryType = 'arraybuffer';
    this.socket.onmessage = ({ data }) => {
      if (typeof data === 'string') {
        this.hear(JSON.parse(data));
      } else {
        this.loudspeaker.port.postMessage(data, [data]);
      }
    };
    this.socket.onclose = ({ code }) => this.lost(code);
  }

  hear(message) {
    switch (message.type) {
      case 'session_started':
        this.session = message.session;
        this.own = message.party;
        this.tries = 0;
        notice('');
        show('call');
        break;
      case 'parties':
        this.parties = message.parties;
        showParties(message.parties, this.own);
        break;
      case 'caption':
        showCaption(message, this);
        break;
      case 'error':
        this.error = message.message;
        break;
    }
  }

  lost(code) {
    if (this.over || code === 1_000 || this.session === undefined || this.tries >= RETRY_MS.length) {
      this.end(
        this.over
          ? ''
          : (this.error ??
              (code === 1_000
                ? 'The call is over.'
                : 'The server cannot be reached, or the token in the link is wrong.')),
      );
      return;
    }
    notice('The connection is lost; trying again …');
    setTimeout(() => this.connect(), RETRY_MS[this.tries]);
    this.tries += 1;
  }

  mute() {
    const [track] = this.stream.getAudioTracks();
    track.enabled = !track.enabled;
    $('mute').setAttribute('aria-pressed', String(!track.enabled));
  }

  leave() {
    this.over = true;
    if (this.socket.readyState === WebSocket.OPEN) {
      this.socket.send('{"type":"session_end"}');
    }
    this.end('');
  }

  end(sentence) {
    this.over = true;
    call = undefined;
    for (const track of this.stream.getTracks()) {
      track.stop();
    }
    this.context.close();
    $('captions').replaceChildren();
    $('mute').setAttribute('aria-pressed', 'false');
    notice(sentence);
    show('door');
  }
}

function show(id) {
  $('door').hidden = id !== 'door';
  $('call').hidden = id !== 'call';
  $('join').disabled = false;
  $(id === 'call' ? 'mute' : 'join').focus();
}

function showParties(parties, own) {
  $('parties').replaceChildren(
    ...parties.map(({ id, language }) => {
      const item = document.createElement('li');
      item.textContent = id === own ? `${nameOf(language)} · you` : nameOf(language);
      item.className = id === own ? 'own' : '';
      return item;
    }),
  );
}

/** One item for each utterance: first what was said, then each language that it is spoken in. */
function showCaption({ party, utterance, language, said, text, final }, { own, parties = [] }) {
  const key = `caption-${party}-${utterance}`;
  let item = $(key);
  if (item === null) {
    item = document.createElement('li');
    item.id = key;
    item.className = party === own ? 'own' : '';
    $('captions').prepend(item);
    $('captions').children[MOST_CAPTIONS]?.remove();
  }
  const spoken = language ?? parties.find(({ id }) => id === party)?.language ?? '';
  let line = [...item.children].find((each) => each.lang === spoken);
  if (line === undefined) {
    line = document.createElement('p');
    line.lang = spoken;
    line.dir = 'auto';
    said ? item.prepend(line) : item.append(line);
  }
  line.textContent = said ? text : `${line.textContent} ${text}`.trim();
  line.classList.toggle('pending', said && !final);
}

/** 0 to 1 of a level, as ears take it: -60 dB is nothing. */
function loudness(level) {
  return Math.max(0, 1 + Math.log10(Math.max(level, 1e-6)) / 3);
}

function notice(sentence) {
  $('notice').textContent = sentence;
  $('notice').hidden = sentence === '';
}

function explain(error) {
  switch (error.name) {
    case 'NotAllowedError':
      return 'The browser does not let this page use the microphone: allow it beside the address, and join again.';
    case 'NotFoundError':
      return 'There is no microphone.';
    default:
      return `This browser cannot: ${error.message}`;
  }
}
