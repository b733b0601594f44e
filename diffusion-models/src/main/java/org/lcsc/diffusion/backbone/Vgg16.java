package org.lcsc.diffusion.backbone;

import java.io.IOException;
import java.util.List;
import java.util.Set;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.lcsc.config.Kind;
import org.lcsc.diffusion.backbone.BackboneGraph.Window;

/**
 * The kind {@code vgg16}: the convolutions of VGG16 (Simonyan and Zisserman 2015, <a
 * href="https://arxiv.org/abs/1409.1556">arXiv:1409.1556</a>, table 1, column D) by torchvision's
 * names, {@code features.0.weight} and so on; in a file of LPIPS by that package's names too.
 * Layers are {@code relu1_1} to {@code relu5_3}; {@code classifier} is passed over.
 */
@Kind("vgg16")
public record Vgg16() implements BackboneKind {

  /** Side that LPIPS resizes small images to in the training of consistency models. */
  private static final int SIDE = 224;

  private static final int COLOURS = 3;
  private static final int[] CONVOLUTIONS = {2, 2, 3, 3, 3};

  @Override
  public boolean recognises(Set<String> names) {
    return names.contains("features.0.weight") && names.contains("features.28.weight");
  }

  @Override
  public String renamed(String name) {
    return name.replaceFirst("^net\\.slice\\d\\.", "features.");
  }

  @Override
  public boolean isPassedOver(String name) {
    return name.matches("(classifier|scaling_layer|lins?\\d?)\\..*");
  }

  @Override
  public void build(BackboneGraph graph) throws IOException {
    String last = BackboneGraph.IMAGE;
    // In torchvision's list every convolution is followed by its ReLU, every block by a pooling.
    int index = 0;
    for (int block = 1; block <= CONVOLUTIONS.length; block++) {
      for (int layer = 1; layer <= CONVOLUTIONS[block - 1]; layer++) {
        last =
            graph.convolution(
                "relu" + block + "_" + layer, "features." + index, last, Window.PADDED);
        index += 2;
      }
      if (block < CONVOLUTIONS.length) {
        last = graph.pooling("pool" + block, last, PoolingType.MAX, 2, Window.HALVING);
        index++;
      }
    }
  }

  /** As LPIPS scales them (Zhang et al. 2018): ImageNet's statistics, of images in [-1, 1]. */
  @Override
  public ImageInput input() {
    return new ImageInput(
        COLOURS, SIDE, new double[] {-0.030, -0.088, -0.188}, new double[] {0.458, 0.448, 0.450});
  }

  @Override
  public int leastSide() {
    return 1 << (CONVOLUTIONS.length - 1);
  }

  @Override
  public String features() {
    return "relu5_3";
  }

  @Override
  public List<String> compared() {
    return List.of("relu1_2", "relu2_2", "relu3_3", "relu4_3", "relu5_3");
  }
}
