/** Something that happens at a moment. */
export abstract class Task {
  /** Called once, when the moment has come. */
  abstract fire(): void;
}

/**
 * Virtual time: the tasks ahead, the next one last. Time moves only from one task to the next. A machine has a few dozen
 * tasks ahead, and a new one is mostly due soon: it passes fewer of them here than it would in a heap.
 */
export class EventQueue {
  readonly #tasks: Task[] = [];
  /** When each of them is due. */
  readonly #times: number[] = [];
  #queued = 0;
  #now: number;

  constructor(startAt: number) {
    this.#now = startAt;
  }

  /** True time, UTC ms. */
  get now(): number {
    return this.#now;
  }
  get size(): number {
    return this.#tasks.length;
  }
  /** Tasks queued so far; tells how much work a run was. */
  get queued(): number {
    return this.#queued;
  }

  /** Queues a task, behind those of its moment; a moment that has passed means now. Times are whole milliseconds. */
  push(at: number, task: Task): void {
    const due = at > this.#now ? Math.ceil(at) : this.#now;
    const tasks = this.#tasks;
    const times = this.#times;
    let place = tasks.length;
    for (; place > 0; place--) {
      const before = tasks[place - 1];
      const time = times[place - 1];
      if (before === undefined || time === undefined || time > due) break;
      tasks[place] = before;
      times[place] = time;
    }
    tasks[place] = task;
    times[place] = due;
    this.#queued++;
  }

  /** Takes a task out again, if it is queued. */
  remove(task: Task): void {
    const tasks = this.#tasks;
    const times = this.#times;
    let place = tasks.lastIndexOf(task);
    if (place < 0) return;
    for (;; place++) {
      const after = tasks[place + 1];
      const time = times[place + 1];
      if (after === undefined || time === undefined) break;
      tasks[place] = after;
      times[place] = time;
    }
    tasks.pop();
    times.pop();
  }

  /** When the next task is due; Infinity when there is none. */
  nextAt(): number {
    return this.#times[this.#times.length - 1] ?? Infinity;
  }

  /** Fires everything due up to and including `until`, then stands at `until`. `stop` is asked before every task. */
  run(until: number, stop: () => boolean): void {
    while (this.nextAt() <= until) {
      if (stop()) return;
      const at = this.#times.pop();
      const task = this.#tasks.pop();
      if (at === undefined || task === undefined) return;
      this.#now = at;
      task.fire();
    }
    if (until > this.#now && until !== Infinity) this.#now = until;
  }
}
