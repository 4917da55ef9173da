import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { TerminalScreen } from '../../src/cli/screen.ts';

function start(columns: number, rows: number) {
  let written = '';
  const write = (text: string): void => {
    written += text;
  };
  const screen = new TerminalScreen({ columns, rows, write });
  const taken = (): string => {
    const text = written;
    written = '';
    return text;
  };
  return { screen, taken };
}

describe('TerminalScreen', () => {
  it('draws over what was there, on a screen of its own, and gives the terminal back once', () => {
    const { screen, taken } = start(80, 24);
    screen.draw(['one', 'two']);
    assert.equal(taken(), '\u001b[?1049h\u001b[?25l\u001b[Hone\u001b[K\r\ntwo\u001b[K\u001b[J');
    screen.draw(['three']);
    assert.equal(taken(), '\u001b[Hthree\u001b[K\u001b[J');
    screen.close();
    screen.close();
    assert.equal(taken(), '\u001b[?25h\u001b[?1049l');
  });

  it('leaves a terminal alone on which nothing was drawn', () => {
    const { screen, taken } = start(80, 24);
    screen.close();
    assert.equal(taken(), '');
  });

  it('counts letters of East Asia as the two columns that they take', () => {
    const { screen, taken } = start(5, 2);
    screen.draw(['王小明 is there']);
    assert.equal(taken(), '\u001b[?1049h\u001b[?25l\u001b[H王小\u001b[K\u001b[J');
  });

  it('cuts off what does not fit, and makes harmless what it is given', () => {
    const { screen, taken } = start(12, 2);
    screen.draw(['a name\u001b[2Jand more', 'two', 'three']);
    assert.equal(taken(), '\u001b[?1049h\u001b[?25l\u001b[Ha name\\u{1b}\u001b[K\r\ntwo\u001b[K\u001b[J');
  });
});
