package org.lcsc.diffusion.backbone;

import java.io.IOException;
import java.util.Set;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.lcsc.config.Kind;
import org.lcsc.diffusion.backbone.BackboneGraph.Window;

/**
 * The kind {@code inception-2015}: Inception v3 (Szegedy et al. 2016, <a
 * href="https://arxiv.org/abs/1512.00567">arXiv:1512.00567</a>) of the TensorFlow graph of
 * 2015-12-05, in which FID is defined, by the names of pytorch-fid's {@code
 * pt_inception-2015-12-05}. It differs from torchvision's network: averages over 3 x 3 squares
 * leave padding out, the last block pools by the maximum, and there are 1,008 classes.
 */
@Kind("inception-2015")
public record InceptionV3() implements BackboneKind {

  private static final int SIDE = 299;
  private static final int LEAST_SIDE = 75;
  private static final int COLOURS = 3;
  private static final int CLASSES = 1008;

  /** Kernels 1 x 7 and 7 x 1, and 1 x 3 and 3 x 1, padded so that the size is kept. */
  private static final Window ROW_OF_7 = new Window(1, 0, 3);

  private static final Window COLUMN_OF_7 = new Window(1, 3, 0);
  private static final Window ROW_OF_3 = new Window(1, 0, 1);
  private static final Window COLUMN_OF_3 = new Window(1, 1, 0);
  private static final Window KERNEL_OF_5 = new Window(1, 2, 2);

  @Override
  public boolean recognises(Set<String> names) {
    return names.contains("Conv2d_1a_3x3.conv.weight");
  }

  @Override
  public boolean isPassedOver(String name) {
    return name.endsWith(".num_batches_tracked");
  }

  @Override
  public ImageInput input() {
    return new ImageInput(COLOURS, SIDE, null, null);
  }

  @Override
  public int leastSide() {
    return LEAST_SIDE;
  }

  @Override
  public String features() {
    return "Mixed_7c";
  }

  @Override
  public String probabilities() {
    return "classes";
  }

  @Override
  public void build(BackboneGraph graph) throws IOException {
    String x = graph.normalised("Conv2d_1a_3x3", BackboneGraph.IMAGE, Window.HALVING);
    x = graph.normalised("Conv2d_2a_3x3", x, Window.PLAIN);
    x = graph.normalised("Conv2d_2b_3x3", x, Window.PADDED);
    x = graph.pooling("pool1", x, PoolingType.MAX, 3, Window.HALVING);
    x = graph.normalised("Conv2d_3b_1x1", x, Window.PLAIN);
    x = graph.normalised("Conv2d_4a_3x3", x, Window.PLAIN);
    x = graph.pooling("pool2", x, PoolingType.MAX, 3, Window.HALVING);
    for (String name : new String[] {"Mixed_5b", "Mixed_5c", "Mixed_5d"}) {
      x = new Block(graph, name).at35(x);
    }
    x = new Block(graph, "Mixed_6a").to17(x);
    for (String name : new String[] {"Mixed_6b", "Mixed_6c", "Mixed_6d", "Mixed_6e"}) {
      x = new Block(graph, name).at17(x);
    }
    x = new Block(graph, "Mixed_7a").to8(x);
    x = new Block(graph, "Mixed_7b").at8(x, PoolingType.AVG);
    x = new Block(graph, "Mixed_7c").at8(x, PoolingType.MAX);
    graph.classes(probabilities(), "fc", x, CLASSES);
  }

  /** One block, by the side of the images in it; its branches are joined in this order. */
  private record Block(BackboneGraph graph, String name) {

    String convolution(String branch, String input, Window window) throws IOException {
      return graph.normalised(name + "." + branch, input, window);
    }

    String pooled(String x, PoolingType type) throws IOException {
      String pool = graph.pooling(name + ".pool", x, type, 3, Window.PADDED);
      return convolution("branch_pool", pool, Window.PLAIN);
    }

    String halved(String x) {
      return graph.pooling(name + ".pool", x, PoolingType.MAX, 3, Window.HALVING);
    }

    String at35(String x) throws IOException {
      String one = convolution("branch1x1", x, Window.PLAIN);
      String five = convolution("branch5x5_1", x, Window.PLAIN);
      five = convolution("branch5x5_2", five, KERNEL_OF_5);
      String three = convolution("branch3x3dbl_1", x, Window.PLAIN);
      three = convolution("branch3x3dbl_2", three, Window.PADDED);
      three = convolution("branch3x3dbl_3", three, Window.PADDED);
      return graph.joined(name, one, five, three, pooled(x, PoolingType.AVG));
    }

    String to17(String x) throws IOException {
      String three = convolution("branch3x3", x, Window.HALVING);
      String twice = convolution("branch3x3dbl_1", x, Window.PLAIN);
      twice = convolution("branch3x3dbl_2", twice, Window.PADDED);
      twice = convolution("branch3x3dbl_3", twice, Window.HALVING);
      return graph.joined(name, three, twice, halved(x));
    }

    String at17(String x) throws IOException {
      String one = convolution("branch1x1", x, Window.PLAIN);
      String seven = convolution("branch7x7_1", x, Window.PLAIN);
      seven = convolution("branch7x7_2", seven, ROW_OF_7);
      seven = convolution("branch7x7_3", seven, COLUMN_OF_7);
      String twice = convolution("branch7x7dbl_1", x, Window.PLAIN);
      twice = convolution("branch7x7dbl_2", twice, COLUMN_OF_7);
      twice = convolution("branch7x7dbl_3", twice, ROW_OF_7);
      twice = convolution("branch7x7dbl_4", twice, COLUMN_OF_7);
      twice = convolution("branch7x7dbl_5", twice, ROW_OF_7);
      return graph.joined(name, one, seven, twice, pooled(x, PoolingType.AVG));
    }

    String to8(String x) throws IOException {
      String three = convolution("branch3x3_1", x, Window.PLAIN);
      three = convolution("branch3x3_2", three, Window.HALVING);
      String seven = convolution("branch7x7x3_1", x, Window.PLAIN);
      seven = convolution("branch7x7x3_2", seven, ROW_OF_7);
      seven = convolution("branch7x7x3_3", seven, COLUMN_OF_7);
      seven = convolution("branch7x7x3_4", seven, Window.HALVING);
      return graph.joined(name, three, seven, halved(x));
    }

    String at8(String x, PoolingType pooling) throws IOException {
      String one = convolution("branch1x1", x, Window.PLAIN);
      String three = convolution("branch3x3_1", x, Window.PLAIN);
      String row = convolution("branch3x3_2a", three, ROW_OF_3);
      String column = convolution("branch3x3_2b", three, COLUMN_OF_3);
      String twice = convolution("branch3x3dbl_1", x, Window.PLAIN);
      twice = convolution("branch3x3dbl_2", twice, Window.PADDED);
      String secondRow = convolution("branch3x3dbl_3a", twice, ROW_OF_3);
      String secondColumn = convolution("branch3x3dbl_3b", twice, COLUMN_OF_3);
      return graph.joined(name, one, row, column, secondRow, secondColumn, pooled(x, pooling));
    }
  }
}
