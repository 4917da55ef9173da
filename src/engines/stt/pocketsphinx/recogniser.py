"""Recognises speech with PocketSphinx for the Node side (recogniser-process.ts).

Usage: recogniser.py SOCKET ACOUSTIC_MODEL LANGUAGE_MODEL DICTIONARY NICENESS

The process loads the model once and then forks a child for each connection on the Unix socket SOCKET, so
that a leg starts at once, shares the model's memory and cannot take another leg down. What a reader would get
wrong: the parent never decodes anything. A decoder that has decoded would hand its state to every child.

Up, per message: 1 byte type, 4 bytes little-endian length, payload.
    S  start an utterance; payload: its number, 4 bytes little-endian
    A  16 kHz signed 16-bit little-endian mono audio
    E  end the utterance
Down, one JSON object per line:
    {"type": "ready", "pid": n}                                the child of this connection is there
    {"type": "took", "samples": n}                             audio messages done with, for flow control
    {"type": "partial"|"final", "utterance": n, "words": [[text, startMs, endMs], ...]}
"""

import ctypes
import gc
import json
import os
import re
import select
import signal
import socket
import struct
import sys
import time

from pocketsphinx.pocketsphinx import Decoder

RATE_HZ = 16_000
FRAME_MS = 10
PARTIAL_SAMPLES = RATE_HZ // 4  # A partial for each 250 ms of audio, if the text changed.
TOOK_SAMPLES = RATE_HZ // 10  # Flow control needs no finer grain than 100 ms.
PR_SET_PDEATHSIG = 1
BUSY_S = 0.05

# Measured on the five LibriVox clips, each clean, quiet, loud, padded and noisy (426 words): the second pass
# (fwdflat) costs 130 ms at the end of an utterance and makes more errors, and so does noise removal on clean
# speech. Our own endpointing has cut the silence, and frames must stay counted, so remove_silence is off.
# maxwpf 20 makes the same errors as no limit and takes the end from at most 98 ms to at most 26 ms.
BOOLEANS = {"-fwdflat": False, "-bestpath": True, "-remove_noise": False, "-remove_silence": False}
INTEGERS = {"-maxhmmpf": 10_000, "-maxwpf": 20}

FILLER = re.compile(r"^[<\[+]")  # <s>, </s>, <sil>, [NOISE], ++UM++
PRONUNCIATION = re.compile(r"\(\d+\)$")  # and(2)


def die_with_parent():
    """Asks the kernel for SIGKILL when the parent dies; returns the parent, another one if it has died already."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    return os.getppid()


def load(acoustic_model, language_model, dictionary):
    config = Decoder.default_config()
    config.set_string("-hmm", acoustic_model)
    config.set_string("-lm", language_model)
    config.set_string("-dict", dictionary)
    for name, value in BOOLEANS.items():
        config.set_boolean(name, value)
    for name, value in INTEGERS.items():
        config.set_int(name, value)
    return Decoder(config)


def words_of(decoder):
    """The words heard so far, fillers left out, with times in ms from the utterance's first sample."""
    segments = decoder.seg()
    if segments is None:
        return []
    words = []
    first_frame = None
    for segment in segments:
        # Frames are counted since the decoder was made; the first segment begins where the utterance does.
        if first_frame is None:
            first_frame = segment.start_frame
        if not FILLER.match(segment.word):
            words.append([
                PRONUNCIATION.sub("", segment.word),
                (segment.start_frame - first_frame) * FRAME_MS,
                (segment.end_frame + 1 - first_frame) * FRAME_MS,
            ])
    return words


class Stream:
    """One leg's recognition: the child's whole work."""

    def __init__(self, decoder, connection):
        self.decoder = decoder
        self.connection = connection
        self.utterance = 0
        self.since_partial = 0
        self.took = 0
        self.last_text = []

    def run(self):
        buffer = bytearray()
        while True:
            received = self.connection.recv(65_536)
            if not received:
                return
            buffer += received
            offset = 0
            while len(buffer) - offset >= 5:
                kind = buffer[offset]
                (length,) = struct.unpack_from("<I", buffer, offset + 1)
                if len(buffer) - offset - 5 < length:
                    break
                self.handle(kind, bytes(buffer[offset + 5 : offset + 5 + length]))
                offset += 5 + length
            del buffer[:offset]

    def handle(self, kind, payload):
        if kind == ord("A"):
            self.decoder.process_raw(payload, False, False)
            samples = len(payload) // 2
            self.took += samples
            self.since_partial += samples
            if self.took >= TOOK_SAMPLES:
                self.report_took()
            if self.since_partial >= PARTIAL_SAMPLES:
                self.since_partial = 0
                self.report_partial()
        elif kind == ord("S"):
            (self.utterance,) = struct.unpack("<I", payload)
            self.since_partial = 0
            self.last_text = []
            self.decoder.start_utt()
        elif kind == ord("E"):
            self.decoder.end_utt()
            self.decoder.hyp()  # Runs the search of the word lattice that seg() then reads.
            self.send({"type": "final", "utterance": self.utterance, "words": words_of(self.decoder)})
            self.report_took()
        else:
            raise ValueError("unknown message type")

    def report_partial(self):
        words = words_of(self.decoder)
        text = [word[0] for word in words]
        if text != self.last_text:
            self.last_text = text
            self.send({"type": "partial", "utterance": self.utterance, "words": words})

    def report_took(self):
        self.send({"type": "took", "samples": self.took})
        self.took = 0

    def send(self, message):
        self.connection.sendall(json.dumps(message).encode() + b"\n")


def serve(decoder, listener):
    """Forks a child per connection until standard input ends: our owner says stop, or has died."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # Children are reaped by the kernel.
    while True:
        readable, _, _ = select.select([listener, sys.stdin.fileno()], [], [])
        if sys.stdin.fileno() in readable and not os.read(0, 4_096):
            break
        if listener not in readable:
            continue
        try:
            connection, _ = listener.accept()
        except OSError:  # No more files: those who are heard are heard still.
            time.sleep(BUSY_S)
            continue
        server = os.getpid()
        try:
            child = os.fork()
        except OSError:  # No more processes: the leg is told by its connection, and comes again.
            connection.close()
            continue
        if child == 0:
            status = 1
            try:
                if die_with_parent() == server:
                    listener.close()
                    stream = Stream(decoder, connection)
                    stream.send({"type": "ready", "pid": os.getpid()})
                    stream.run()
                    status = 0
            except (BrokenPipeError, ConnectionResetError):
                status = 0  # The leg is gone.
            except BaseException as error:  # A message could hold what was said; the type cannot.
                print("recogniser:", type(error).__name__, file=sys.stderr, flush=True)
            finally:
                os._exit(status)
        connection.close()


def remove_socket(path):
    """Removes the socket and the private directory around it, which is empty then."""
    try:
        os.unlink(path)
        os.rmdir(os.path.dirname(path))
    except OSError:
        pass  # Our owner was quicker.


def leave_last():
    """Waits for the children, which end with their connections: leaving before them would leave zombies."""
    signal.alarm(2)  # Ends this process, and by their death signal every child that hangs.
    try:
        while True:
            os.wait()
    except ChildProcessError:
        pass


def main():
    path, acoustic_model, language_model, dictionary, niceness = sys.argv[1:]
    # A terminal's Ctrl-C is for our owner, who lets calls end and then closes our standard input.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.nice(int(niceness))
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(path)
    listener.listen(1_024)  # More connections than legs: who finds no room has to come again.
    decoder = load(acoustic_model, language_model, dictionary)
    # From here on the library logs each utterance to file descriptor 2; Python's own errors keep the real one.
    sys.stderr = os.fdopen(os.dup(2), "w")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    gc.collect()
    gc.freeze()  # Keeps the collector from touching, and so copying, the pages children share.
    print("ready", flush=True)
    serve(decoder, listener)
    listener.close()
    remove_socket(path)
    leave_last()


main()
