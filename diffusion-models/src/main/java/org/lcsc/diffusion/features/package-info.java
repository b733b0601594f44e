/**
 * Small classifiers whose penultimate layer is the feature space of FID for images too small or too
 * unlike photographs for Inception: {@link org.lcsc.diffusion.features.FeatureNetworks} hands out
 * the trained ones of this library, {@link org.lcsc.diffusion.features.FeatureTraining} trains
 * another.
 */
package org.lcsc.diffusion.features;
