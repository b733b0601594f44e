/**
 * Studies over a configuration's values, run by Arbiter: {@link org.lcsc.cli.sweep.Study} is a
 * study file, {@link org.lcsc.cli.sweep.SweepRun} runs it, {@link org.lcsc.cli.sweep.SweepCurves}
 * draws its searches against each other.
 */
package org.lcsc.cli.sweep;
