/**
 * Published feature networks as Deeplearning4j graphs, from the state dicts of PyTorch: {@link
 * org.lcsc.diffusion.backbone.Backbone} reads a file, {@link
 * org.lcsc.diffusion.backbone.BackboneKind} is what one such network is made of.
 */
package org.lcsc.diffusion.backbone;
