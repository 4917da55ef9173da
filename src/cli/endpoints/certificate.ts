/**
 * `dragoman endpoints certificate`: the transport by which phones come with TLS. Its certificate is one that is given, or
 * one made here that signs itself: good for a testbed, since a phone has to be told to trust it.
 */

import { execFile } from 'node:child_process';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { isIP } from 'node:net';
import { dirname, isAbsolute, join } from 'node:path';
import type { Clock } from '../../base/clock.ts';
import { AppError, codeOf, messageOf } from '../../base/errors.ts';
import { parseCount } from '../../base/values.ts';
import { TLS_TRANSPORT } from '../../server/endpoints/endpoint.ts';
import { EndpointsFile, putInPlace } from '../../server/endpoints/endpoints-file.ts';
import type { FileEndpoints } from '../../server/endpoints/file-endpoints.ts';
import { formatHostPort, parseHostPort } from '../config/values.ts';
import type { CliContext } from '../context.ts';
import type { EndpointOptions } from './endpoint-options.ts';

/** A key of 2,048 bits takes a second at most. */
const OPENSSL_LIMIT_MS = 30_000;
const MOST_DAYS = 3_650;
const HOST = /^[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$/;
const CERTIFICATE = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----\n/;
const KEY = /-----BEGIN PRIVATE KEY-----[\s\S]+?-----END PRIVATE KEY-----\n/;
/** What a row of pjsip.conf can hold as it is. */
const PLAIN_PATH = /^\/[A-Za-z0-9._/@+-]+$/;

export interface CertificateTask {
  readonly file: FileEndpoints;
  readonly options: EndpointOptions;
  readonly context: CliContext;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

interface CertificateFiles {
  readonly certificate: string;
  readonly key: string;
  /** Has them be as they were. */
  readonly takeBack: () => Promise<void>;
}

/** @throws AppError `bad-option`, `program-missing`, `file-unreadable`, `file-unwritable`, and as {@link FileEndpoints.setTransport}. */
export async function setCertificate(task: CertificateTask): Promise<void> {
  const { file, options, context, signal } = task;
  const { certificate, key, host, overwrite = false } = options;
  const bind = formatHostPort(parseHostPort(options.bind));
  const given = certificate !== undefined || key !== undefined;
  if (given === (host !== undefined)) {
    throw new AppError(
      'bad-option',
      'write the certificate that you have, --certificate FILE --key FILE, or the name or address that phones reach Asterisk ' +
        'by, --host pbx.example.org, and one is made',
    );
  }
  const files = given ? await givenFiles(task) : await madeFiles(task, host ?? '');
  let fresh: boolean;
  try {
    fresh = await file.setTransport({ name: TLS_TRANSPORT, bind, ...files }, overwrite, signal);
  } catch (error) {
    await files.takeBack();
    throw error;
  }
  context.writeOut(
    `phones can come with TLS at ${bind}: "dragoman endpoints add NAME --language en --tls"\n` +
      (given ? '' : `they have to trust ${join(dirname(options.file), 'tls.crt')}, which signs itself\n`) +
      (fresh
        ? ''
        : 'Asterisk takes it in place of the one it has when it starts anew: asterisk -rx "core restart gracefully"\n'),
  );
}

async function givenFiles({ options, clock }: CertificateTask): Promise<CertificateFiles> {
  const { certificate = '', key = '' } = options;
  if (![certificate, key].every((path) => isAbsolute(path) && PLAIN_PATH.test(path))) {
    throw new AppError(
      'bad-option',
      'write --certificate and --key, both as whole paths of letters, digits and . _ / @ + -, as Asterisk is to read them',
    );
  }
  const [shown, secret] = [await readPem(certificate), await readPem(key)];
  let problem: string | undefined;
  try {
    const read = new X509Certificate(shown);
    if (!read.checkPrivateKey(createPrivateKey(secret))) {
      problem = `${key} is the key of another certificate`;
    } else if (Date.parse(read.validTo) < clock.wallTime().getTime()) {
      problem = `${certificate} has ended on ${read.validTo}`;
    }
  } catch (error) {
    problem = `these are no certificate and no key without a passphrase, as PEM (${messageOf(error)})`;
  }
  if (problem !== undefined) {
    throw new AppError('bad-option', `${problem}: write the right ones`);
  }
  return { certificate, key, takeBack: async () => {} };
}

async function readPem(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new AppError('file-unreadable', `${path} cannot be read (${codeOf(error)}): run it as root`, error);
  }
}

async function madeFiles({ options, signal }: CertificateTask, host: string): Promise<CertificateFiles> {
  const { file, days, seenIn, overwrite = false } = options;
  const folder = dirname(file);
  const [certificate, key] = [join(folder, 'tls.crt'), join(folder, 'tls.key')];
  if (isIP(host) === 0 && !HOST.test(host)) {
    throw new AppError('bad-option', '--host is a name or an address, such as pbx.example.org or 10.0.0.7');
  }
  if (!overwrite && existsSync(key)) {
    throw new AppError(
      'bad-option',
      `there is a certificate in ${folder} already, which phones may trust: --overwrite makes another in its place`,
    );
  }
  const seen = (path: string): string =>
    seenIn === undefined ? path : join(seenIn, path.slice(folder.length));
  if (![certificate, key].map(seen).every((path) => PLAIN_PATH.test(path))) {
    throw new AppError(
      'bad-option',
      '--file is a whole path of letters, digits and . _ / @ + -, as Asterisk can read it',
    );
  }
  const pem = await openssl(
    [
      ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', '-'],
      ...['-days', String(parseCount(1, MOST_DAYS)(days)), '-subj', `/CN=${host}`],
      ...['-addext', `subjectAltName=${isIP(host) === 0 ? 'DNS' : 'IP'}:${host}`],
    ],
    signal,
  );
  const [shown] = CERTIFICATE.exec(pem) ?? [];
  const [secret] = KEY.exec(pem) ?? [];
  if (shown === undefined || secret === undefined) {
    throw new AppError(
      'engine-bad-answer',
      'openssl has made no certificate: openssl version says whether it is 1.1.1 or newer',
    );
  }
  const takeBack = await new EndpointsFile(file).alone(async () => {
    const before = new Map<string, string | undefined>();
    for (const path of [key, certificate]) {
      before.set(path, await heldBy(path));
    }
    const takesBack = async (): Promise<void> => {
      for (const [path, text] of before) {
        await (text === undefined ? rm(path, { force: true }) : putInPlace(path, text));
      }
    };
    try {
      await putInPlace(key, secret);
      await putInPlace(certificate, shown);
    } catch (error) {
      // A key beside the certificate of another would have phones turned away. What failed first is what is told.
      await takesBack().catch(() => {});
      throw new AppError(
        'file-unwritable',
        `the certificate cannot be written into ${folder} (${codeOf(error)}): make room there, or run it as root`,
        error,
      );
    }
    return takesBack;
  });
  return { certificate: seen(certificate), key: seen(key), takeBack };
}

/** What is in a file; undefined where there is none. @throws AppError `file-unreadable` */
async function heldBy(path: string): Promise<string | undefined> {
  return existsSync(path) ? readPem(path) : undefined;
}

/** What openssl writes. Nothing secret is among its words. */
function openssl(words: readonly string[], signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile('openssl', [...words], { signal, timeout: OPENSSL_LIMIT_MS }, (error, stdout, stderr) => {
      if (error === null) {
        resolve(stdout);
      } else if (codeOf(error) === 'ENOENT') {
        reject(new AppError('program-missing', 'the program openssl is missing: apt-get install openssl'));
      } else {
        const said = stderr.trim().split('\n').at(-1) ?? '';
        reject(
          new AppError(
            'engine-refused',
            `openssl makes no certificate (${said}): openssl version 1.1.1 or newer does`,
          ),
        );
      }
    });
  });
}
