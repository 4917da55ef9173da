/** What may be done to engines while calls run, by whoever may: the API. */

import type { Subject } from '../../engines/resilience/operations.ts';
import type { TaskView } from './interpreting-view.ts';

export interface EngineControl {
  /**
   * Has an engine do now all that it is there for, within seconds, whether it is asked in calls or not. Undefined: there
   * is no such engine. @throws when the engines are closed meanwhile.
   */
  test(subject: Subject): Promise<readonly TaskView[] | undefined>;
  /**
   * It is not asked any more until it is put back, or this process ends; what it is doing comes to its end.
   * @returns whether that changes anything.
   */
  takeOut(subject: Subject): boolean;
  /** It may be asked again, as far as it is well. @returns whether that changes anything. */
  putBack(subject: Subject): boolean;
}
