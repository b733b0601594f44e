/**
 * Networks seen from their gradients and activations. The main type is {@link
 * org.lcsc.network.DifferentiableGraph}: gradients with respect to the parameters and to an input,
 * given the gradient with respect to the output. {@link org.lcsc.network.BatchNormStatistics}
 * recomputes what merging spoils, {@link org.lcsc.network.TruncatedGraph} cuts graphs off at inner
 * layers. {@link org.lcsc.network.FlatUpdater} applies gradients faster.
 */
package org.lcsc.network;
