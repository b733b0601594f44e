/**
 * From a configuration to the objects that do the work: {@link org.lcsc.cli.experiment.Experiment}
 * loads the data and builds network, sampler and objectives; {@link
 * org.lcsc.cli.experiment.ModelFile} reads its trained models.
 */
package org.lcsc.cli.experiment;
