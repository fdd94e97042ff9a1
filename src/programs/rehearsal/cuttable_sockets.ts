import type { ClockSeam, Socket, SocketHandlers, SocketSeam } from "../../application/engine/ports.ts";

type Open = { readonly socket: Socket; readonly handlers: SocketHandlers };

/**
 * Real sockets that a rehearsal can cut: it looks to the bot as if the network had, and while the cut lasts every new
 * connection fails too.
 */
export class CuttableSockets implements SocketSeam {
  readonly #real: SocketSeam;
  readonly #clock: ClockSeam;
  readonly #open = new Set<Open>();
  #cutUntil = -Infinity;

  constructor(parts: { readonly real: SocketSeam; readonly clock: ClockSeam }) {
    this.#real = parts.real;
    this.#clock = parts.clock;
  }

  open(url: string, handlers: SocketHandlers): Socket {
    if (this.#clock.monotonicNow() < this.#cutUntil) return this.#refused(handlers);
    const socket = this.#real.open(url, {
      onOpen: () => handlers.onOpen(),
      onText: (text) => handlers.onText(text),
      onClose: (reason) => {
        this.#open.delete(open);
        handlers.onClose(reason);
      },
    });
    const open: Open = { socket, handlers };
    this.#open.add(open);
    return {
      send: (text) => socket.send(text),
      abandon: () => {
        this.#open.delete(open);
        socket.abandon();
      },
    };
  }

  /** Cuts every connection, and every new one for this long (ms). Returns how many were cut. */
  cut(forMs: number): number {
    this.#cutUntil = this.#clock.monotonicNow() + forMs;
    const cut = [...this.#open];
    this.#open.clear();
    for (const { socket, handlers } of cut) {
      socket.abandon();
      handlers.onClose("cut by the rehearsal");
    }
    return cut.length;
  }

  #refused(handlers: SocketHandlers): Socket {
    const timer = this.#clock.after(0, () => handlers.onClose("cut by the rehearsal"));
    return { send() {}, abandon: () => this.#clock.cancel(timer) };
  }
}
