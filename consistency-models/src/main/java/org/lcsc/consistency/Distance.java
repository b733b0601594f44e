package org.lcsc.consistency;

import java.util.List;
import org.lcsc.config.Require;
import org.lcsc.diffusion.layer.AbsoluteError;
import org.lcsc.diffusion.layer.ImageLoss;
import org.lcsc.diffusion.layer.PseudoHuber;
import org.lcsc.diffusion.layer.SquaredError;
import org.lcsc.image.ImageShape;

/** Distances between the two sides of a pair. */
public enum Distance {
  /** Squared Euclidean distance, averaged over the values. */
  L2,
  /** Absolute difference, averaged over the values. */
  L1,
  /** Pseudo-Huber distance of the whole images. */
  PSEUDO_HUBER,
  /** Learned perceptual image patch similarity, through a backbone. */
  LPIPS;

  /** Refuses a constant or a backbone without its distance, and LPIPS without a backbone. */
  void check(Double huberConstant, Backbone backbone) {
    if (huberConstant != null) {
      Require.onlyWith("huberConstant", huberConstant, "distance", this, List.of(PSEUDO_HUBER));
      Require.positive("huberConstant", huberConstant);
    }
    Require.onlyWith("backbone", backbone, "distance", this, List.of(LPIPS));
    Require.not(
        this == LPIPS && backbone == null, "backbone", "missing, expected with distance: lpips");
  }

  /** Whether it is a mean or a sum over single values, and not of whole images. */
  boolean isOfValues() {
    return this == L2 || this == L1;
  }

  /** The loss of images of a shape; {@code mean} averages over the values, else they are summed. */
  ImageLoss loss(Double huberConstant, Backbone backbone, ImageShape shape, boolean mean) {
    return switch (this) {
      case L2 -> new SquaredError(mean);
      case L1 -> new AbsoluteError(mean);
      case PSEUDO_HUBER ->
          new PseudoHuber(
              huberConstant == null
                  ? ImprovedConsistencyTraining.pseudoHuberConstant(shape.length())
                  : huberConstant);
      case LPIPS -> backbone.distance();
    };
  }
}
