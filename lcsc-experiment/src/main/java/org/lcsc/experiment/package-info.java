/**
 * The library behind the commands. {@link org.lcsc.experiment.Experiment} loads the data of a
 * configuration and builds network, sampler and objectives; {@link org.lcsc.experiment.TrainingRun}
 * and {@link org.lcsc.experiment.CheckpointSearchRun} work in a run directory and call a {@link
 * org.lcsc.experiment.RunListener}; {@link org.lcsc.experiment.LoadedModel} reads trained models.
 * Failures are {@link org.lcsc.experiment.InvalidInputException}, {@link
 * org.lcsc.experiment.ResumableException}, {@link java.util.concurrent.CancellationException} where
 * the user stopped the work, and {@link java.io.IOException}.
 */
package org.lcsc.experiment;
