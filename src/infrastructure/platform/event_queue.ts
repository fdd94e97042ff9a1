/** Something that happens at a moment. `order` breaks ties: what was queued first happens first. */
export abstract class Task {
  at = 0;
  order = 0;
  /** Called once, at `at`. */
  abstract fire(): void;
}

/** Virtual time: a binary heap of tasks. Time moves only from one task to the next. */
export class EventQueue {
  #heap: Task[] = [];
  #order = 0;
  #now: number;

  constructor(startAt: number) {
    this.#now = startAt;
  }

  /** True time, UTC ms. */
  get now(): number {
    return this.#now;
  }
  get size(): number {
    return this.#heap.length;
  }
  /** Tasks queued so far; tells how much work a run was. */
  get queued(): number {
    return this.#order;
  }

  /** Queues a task; a moment that has passed means now. Times are whole milliseconds. */
  push(at: number, task: Task): void {
    task.at = at > this.#now ? Math.ceil(at) : this.#now;
    task.order = this.#order++;
    const heap = this.#heap;
    let child = heap.length;
    heap.push(task);
    while (child > 0) {
      const parent = (child - 1) >> 1;
      const above = heap[parent];
      if (above === undefined || !before(task, above)) break;
      heap[child] = above;
      child = parent;
    }
    heap[child] = task;
  }

  /** When the next task is due; Infinity when there is none. */
  nextAt(): number {
    return this.#heap[0]?.at ?? Infinity;
  }

  /** Fires everything due up to and including `until`, then stands at `until`. `stop` is asked before every task. */
  run(until: number, stop: () => boolean): void {
    while (this.nextAt() <= until) {
      if (stop()) return;
      const task = this.#pop();
      if (task === undefined) return;
      this.#now = task.at;
      task.fire();
    }
    if (until > this.#now && until !== Infinity) this.#now = until;
  }

  #pop(): Task | undefined {
    const heap = this.#heap;
    const top = heap[0];
    const moved = heap.pop();
    if (moved === undefined || moved === top) return top;
    const length = heap.length;
    let parent = 0;
    for (let child = 1; child < length; child = 2 * parent + 1) {
      let least = heap[child];
      const right = heap[child + 1];
      if (right !== undefined && least !== undefined && before(right, least)) {
        least = right;
        child++;
      }
      if (least === undefined || !before(least, moved)) break;
      heap[parent] = least;
      parent = child;
    }
    heap[parent] = moved;
    return top;
  }
}

function before(a: Task, b: Task): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}
