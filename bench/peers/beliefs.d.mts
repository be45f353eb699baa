export class Beliefs {
  note(at: number, candidate: string, believes: boolean): void;
  overlap(from: number, to: number): number;
  at(moment: number): string[];
  end(candidate: string, after: number): number | undefined;
}
