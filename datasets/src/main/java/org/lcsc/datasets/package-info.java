/**
 * Image data sets as {@code [N, C, H, W]} float arrays in [-1, 1].
 *
 * <p>{@link org.lcsc.datasets.DataSets} holds the settings of the named sets, which load an {@link
 * org.lcsc.datasets.ImageDataSet}; {@link org.lcsc.datasets.ShuffledIndices} says which of its
 * images make the batch of an iteration.
 *
 * <pre>{@code
 * ImageDataSet images = new DataSets.FashionMnist().load(Split.TRAIN);
 * ShuffledIndices order = new ShuffledIndices(42, images.size(), 64);
 * for (long step = 0; step < 1000; step++) {
 *   INDArray batch = images.batch(order.batch(step), order.flips(step)); // [64, 1, 28, 28]
 * }
 * }</pre>
 *
 * <table>
 * <caption>The data sets</caption>
 * <tr><th>name</th><th>images</th><th>where from</th></tr>
 * <tr><td>digits</td><td>1,797 of 1x8x8</td><td>embedded in this library</td></tr>
 * <tr><td>fashion-mnist</td><td>70,000 of 1x28x28</td><td>path, /usr/share/datasets/fashion-mnist
 *     (Debian package dataset-fashion-mnist), cache, download</td></tr>
 * <tr><td>mnist</td><td>70,000 of 1x28x28</td><td>path, cache, download</td></tr>
 * <tr><td>idx</td><td>any</td><td>path: a directory with the four files of MNIST's names and format,
 *     as KMNIST and others have them</td></tr>
 * <tr><td>cifar10</td><td>60,000 of 3x32x32</td><td>path (directory of the binary version or its
 *     .tar.gz), cache, download</td></tr>
 * <tr><td>imagenet64</td><td>1,331,167 of 3x64x64</td><td>path: a directory with the .npz batches of
 *     Downsampled ImageNet</td></tr>
 * <tr><td>folder</td><td>any PNG, JPEG, BMP</td><td>path: a directory of images or of class
 *     directories</td></tr>
 * </table>
 *
 * <p>The cache is the directory that the environment variable {@code LCSC_DATA} names, or {@code
 * ~/.cache/lcsc}; every set has a directory of its name in it. Downloads are bounded in size and
 * time, verified by SHA-256 and appear whole or not at all. A file that is damaged, truncated or of
 * another kind is a {@link org.lcsc.datasets.DataSetException} of one line; headers that lie about
 * their size cost no memory.
 */
package org.lcsc.datasets;
