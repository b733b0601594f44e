/**
 * Small classifiers whose penultimate layer is the feature space of FID for images too small or too
 * unlike photographs for Inception: {@link org.lcsc.diffusion.features.FeatureNetworks} hands out
 * the trained ones of this library, {@link org.lcsc.diffusion.features.FeatureTraining} trains
 * another.
 *
 * <p>The networks of this library, with the accuracy measured on held-out images, and how they were
 * made (OMP_NUM_THREADS=1); the properties file beside each says more:
 *
 * <table>
 * <caption>Feature networks</caption>
 * <tr><th>name<th>test accuracy<th>test images<th>parameters<th>command
 * <tr><td>digits-8<td>99.66 %<td>296<td>89,770
 *   <td>{@code lcsc train-features --dataset digits --epochs 30 --seed 1 --out DIR}
 * <tr><td>fashion-mnist-16<td>90.46 %<td>10,000<td>112,954
 *   <td>{@code lcsc train-features --dataset fashion-mnist --side 16 --epochs 8 --seed 1 --out DIR}
 * <tr><td>fashion-mnist-28<td>91.62 %<td>10,000<td>150,010
 *   <td>{@code lcsc train-features --dataset fashion-mnist --side 28 --epochs 4 --seed 1 --out DIR}
 * <tr><td>cifar10-32<td>79.53 %<td>10,000<td>150,298
 *   <td>{@code lcsc train-features --dataset cifar10 --epochs 12 --seed 1 --out DIR}
 * <tr><td>digits-8-coarse<td>99.66 %<td>296<td>92,490
 *   <td>{@code lcsc train-features --dataset digits --architecture coarse --epochs 30 --seed 2
 *   --out DIR}
 * <tr><td>fashion-mnist-16-coarse<td>89.07 %<td>10,000<td>130,986
 *   <td>{@code lcsc train-features --dataset fashion-mnist --side 16 --architecture coarse
 *   --epochs 8 --seed 2 --out DIR}
 * <tr><td>fashion-mnist-28-coarse<td>90.41 %<td>10,000<td>195,130
 *   <td>{@code lcsc train-features --dataset fashion-mnist --side 28 --architecture coarse
 *   --epochs 4 --seed 2 --out DIR}
 * <tr><td>cifar10-32-coarse<td>74.58 %<td>10,000<td>195,930
 *   <td>{@code lcsc train-features --dataset cifar10 --architecture coarse --epochs 12 --seed 2
 *   --out DIR}
 * <tr><td>digits-8-masked<td>97.30 %<td>296<td>204,192
 *   <td>{@code lcsc train-features --dataset digits --architecture masked --epochs 30 --seed 3
 *   --out DIR}
 * <tr><td>fashion-mnist-16-masked<td>81.89 %<td>10,000<td>276,720
 *   <td>{@code lcsc train-features --dataset fashion-mnist --side 16 --architecture masked
 *   --epochs 8 --seed 3 --out DIR}
 * <tr><td>fashion-mnist-28-masked<td>82.42 %<td>10,000<td>449,472
 *   <td>{@code lcsc train-features --dataset fashion-mnist --side 28 --architecture masked
 *   --epochs 4 --seed 3 --out DIR}
 * <tr><td>cifar10-32-masked<td>43.68 %<td>10,000<td>1,037,776
 *   <td>{@code lcsc train-features --dataset cifar10 --architecture masked --epochs 12 --seed 3
 *   --out DIR}
 * </table>
 *
 * <p>The coarse networks are second, independent spaces. The masked ones are autoencoders that
 * learned without labels, by filling in covered squares; their accuracy is that of a linear map of
 * the features. They are third spaces, which nothing in a search sees; FID is reported in all.
 *
 * <p>The digits are CC BY 4.0 (E. Alpaydin and C. Kaynak), Fashion-MNIST is MIT-licensed (Zalando
 * SE), CIFAR-10 is given for research without a licence (A. Krizhevsky 2009); the weights were
 * trained on nothing else.
 */
package org.lcsc.diffusion.features;
