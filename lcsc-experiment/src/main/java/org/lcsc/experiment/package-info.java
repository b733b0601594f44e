/**
 * From a configuration to the objects that do the work: {@link org.lcsc.experiment.Experiment}
 * loads the data and builds network, sampler and objectives; {@link org.lcsc.experiment.ModelFile}
 * reads its trained models.
 */
package org.lcsc.experiment;
