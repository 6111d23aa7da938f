/** What is wrong with a rule; whoever loads it adds which rule it is. */
export class SigmaMistake extends Error {}
