import type { Progress } from '../migrate/running/progress.ts';
import { colors, type Ui } from './ui.ts';

/** Tells how a run goes on, a line for each thing that happens. */
export function showProgress(ui: Ui): (progress: Progress) => void {
  let waiting = false;
  return (progress) => {
    switch (progress.kind) {
      case 'waiting':
        if (!waiting) ui.note(`waiting: ${progress.owner} is migrating this database`);
        waiting = true;
        return;
      case 'part':
        if (progress.of > 1) ui.note(`  step ${progress.part} of ${progress.of}: ${progress.what}`);
        return;
      case 'done': {
        const sign = progress.direction === 'up' ? colors.green('↑') : colors.yellow('↓');
        ui.say(`${sign} ${progress.revision} ${colors.dim(`${progress.milliseconds} ms`)}`);
        return;
      }
      default:
    }
  };
}
