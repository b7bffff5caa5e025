"""Parts of Keras for which the short helper of the ``reuse`` fix is proved: a model made of these alone trains, kept and renewed,
as a newly built one does, bit for bit on TensorFlow.

An entry stands here only if ``tests/test_plain.py`` trains with it; ``tests/plain_parts.py`` says how. All state of these parts
is in variables that exist once the model and its optimizer are built, and nothing they trace depends on an earlier iteration.

What is left out, and why:

- ``SimpleRNN``, ``ConvLSTM*``, ``RNN`` and its cells: ``predict`` is traced again, for any number of rows, once it has met two
  numbers, and without a fixed one TensorFlow's graph optimizer does not fuse what they compute as it did: the last bit of a
  prediction differs. So it does for ``LSTM`` and ``GRU`` with the arguments named below.
- ``Lambda``, ``Layer``, ``Wrapper``, the layers of other frameworks: they run code that is not Keras's.
- ``Normalization``, ``Discretization``, ``StringLookup``, ``IntegerLookup``, ``TextVectorization``: their tables are filled
  by ``adapt()``, outside of the variables or of the build.
- ``MultiOptimizer``, which keeps its slots in other optimizers, and ``ScheduleFreeAdamW``, whose slots begin as the weights that
  the first fit finds.
- ``TensorBoard``, ``BackupAndRestore``, ``RemoteMonitor``, ``OrbaxCheckpoint``, ``LambdaCallback``: they write names and graphs,
  or run code of the user's.
- ``ConvNeXt*`` and ``InceptionResNetV2`` of the applications: they have layers of their own. The others are made of what is
  listed, and of ``Normalization`` that nothing adapts.
- ``RandomCrop``, which TensorFlow does not predict with, and layers for pictures and sound that few build into a model.

What no list of names can say: a model of several outputs without names of their own is not plain, since Keras adds up their
losses in the order of names, and ``dense_10`` stands before ``dense_9``. One without an ``Input`` has no variables to renew.

Sources: the public API of Keras 3.15; ``keras.src.trainers.compile_utils`` for the strings that ``metrics=`` alone knows.
"""

from __future__ import annotations

#: Names by module, each trained by a test.
PARTS = {
    "keras": "Input Model Sequential",
    "keras.layers": """
        Activation ActivityRegularization Add AdditiveAttention AlphaDropout Attention Average AveragePooling1D AveragePooling2D
        AveragePooling3D BatchNormalization Bidirectional CategoryEncoding CenterCrop Concatenate Conv1D Conv1DTranspose Conv2D
        Conv2DTranspose Conv3D Conv3DTranspose Cropping1D Cropping2D Cropping3D Dense DepthwiseConv1D DepthwiseConv2D Dot Dropout
        ELU EinsumDense Embedding Flatten GRU GaussianDropout GaussianNoise GlobalAveragePooling1D GlobalAveragePooling2D
        GlobalAveragePooling3D GlobalMaxPooling1D GlobalMaxPooling2D GlobalMaxPooling3D GroupNormalization GroupQueryAttention
        Identity InputLayer LSTM LayerNormalization LeakyReLU Masking MaxPooling1D MaxPooling2D MaxPooling3D Maximum Minimum
        MultiHeadAttention Multiply PReLU Permute RMSNormalization RandomBrightness RandomContrast RandomFlip
        RandomRotation RandomTranslation RandomZoom ReLU RepeatVector Rescaling Reshape Resizing SeparableConv1D SeparableConv2D
        Softmax SpatialDropout1D SpatialDropout2D SpatialDropout3D SpectralNormalization Subtract TimeDistributed
        UnitNormalization UpSampling1D UpSampling2D UpSampling3D ZeroPadding1D ZeroPadding2D ZeroPadding3D
        add average concatenate dot maximum minimum multiply subtract
    """,
    "keras.optimizers": """
        Adadelta Adafactor Adagrad Adam AdamW Adamax Ftrl Lamb Lion LossScaleOptimizer Muon Nadam RMSprop SGD
    """,
    "keras.optimizers.schedules": """
        CosineDecay CosineDecayRestarts ExponentialDecay InverseTimeDecay PiecewiseConstantDecay PolynomialDecay
    """,
    "keras.losses": """
        BinaryCrossentropy BinaryFocalCrossentropy CategoricalCrossentropy CategoricalFocalCrossentropy CategoricalHinge
        CosineSimilarity Dice Hinge Huber KLDivergence LogCosh MeanAbsoluteError MeanAbsolutePercentageError MeanSquaredError
        MeanSquaredLogarithmicError Poisson SparseCategoricalCrossentropy SquaredHinge Tversky
        binary_crossentropy binary_focal_crossentropy categorical_crossentropy categorical_focal_crossentropy categorical_hinge
        cosine_similarity dice hinge huber kl_divergence log_cosh mean_absolute_error mean_absolute_percentage_error
        mean_squared_error mean_squared_logarithmic_error poisson sparse_categorical_crossentropy squared_hinge tversky
    """,
    "keras.metrics": """
        AUC Accuracy BinaryAccuracy BinaryCrossentropy BinaryIoU CategoricalAccuracy CategoricalCrossentropy CategoricalHinge
        CosineSimilarity F1Score FBetaScore FalseNegatives FalsePositives Hinge IoU KLDivergence LogCoshError MeanAbsoluteError
        MeanAbsolutePercentageError MeanIoU MeanSquaredError MeanSquaredLogarithmicError OneHotIoU OneHotMeanIoU Poisson Precision
        PrecisionAtRecall R2Score Recall RecallAtPrecision RootMeanSquaredError SensitivityAtSpecificity
        SparseCategoricalAccuracy SparseCategoricalCrossentropy SparseTopKCategoricalAccuracy SpecificityAtSensitivity
        SquaredHinge TopKCategoricalAccuracy TrueNegatives TruePositives
        binary_accuracy categorical_accuracy sparse_categorical_accuracy sparse_top_k_categorical_accuracy
        top_k_categorical_accuracy
    """,
    "keras.callbacks": """
        CSVLogger EarlyStopping History LearningRateScheduler ModelCheckpoint ProgbarLogger ReduceLROnPlateau SwapEMAWeights
        TerminateOnNaN
    """,
    "keras.constraints": "MaxNorm MinMaxNorm NonNeg UnitNorm",
    "keras.regularizers": "L1 L1L2 L2 OrthogonalRegularizer",
    "keras.initializers": """
        Constant GlorotNormal GlorotUniform HeNormal HeUniform Identity LecunNormal LecunUniform Ones Orthogonal RandomNormal
        RandomUniform TruncatedNormal VarianceScaling Zeros
    """,
    "keras.activations": """
        celu elu exponential gelu hard_sigmoid hard_silu leaky_relu linear log_sigmoid log_softmax mish relu relu6 selu sigmoid
        silu softmax softplus softsign tanh
    """,
    "keras.applications": """
        DenseNet121 DenseNet169 DenseNet201 EfficientNetB0 EfficientNetB1 EfficientNetB2 EfficientNetB3 EfficientNetB4
        EfficientNetB5 EfficientNetB6 EfficientNetB7 EfficientNetV2B0 EfficientNetV2B1 EfficientNetV2B2 EfficientNetV2B3
        EfficientNetV2L EfficientNetV2M EfficientNetV2S InceptionV3 MobileNet MobileNetV2 MobileNetV3Large MobileNetV3Small
        NASNetLarge NASNetMobile ResNet101 ResNet101V2 ResNet152 ResNet152V2 ResNet50 ResNet50V2 VGG16 VGG19 Xception
    """,
    "tensorflow.nn": "elu gelu leaky_relu log_softmax relu relu6 selu sigmoid silu softmax softplus softsign swish tanh",
}
#: Other names of the same things, by module; some are known to ``tf.keras`` alone.
ALIASES = {
    "keras.models": "Model Sequential",
    "keras.layers": """
        AvgPool1D AvgPool2D AvgPool3D Convolution1D Convolution1DTranspose Convolution2D Convolution2DTranspose Convolution3D
        Convolution3DTranspose GlobalAvgPool1D GlobalAvgPool2D GlobalAvgPool3D GlobalMaxPool1D GlobalMaxPool2D GlobalMaxPool3D
        Input MaxPool1D MaxPool2D MaxPool3D SeparableConvolution1D SeparableConvolution2D
    """,
    "keras.applications.densenet": "DenseNet121 DenseNet169 DenseNet201",
    "keras.applications.efficientnet": """
        EfficientNetB0 EfficientNetB1 EfficientNetB2 EfficientNetB3 EfficientNetB4 EfficientNetB5 EfficientNetB6 EfficientNetB7
    """,
    "keras.applications.inception_v3": "InceptionV3",
    "keras.applications.mobilenet": "MobileNet",
    "keras.applications.mobilenet_v2": "MobileNetV2",
    "keras.applications.nasnet": "NASNetLarge NASNetMobile",
    "keras.applications.resnet": "ResNet101 ResNet152 ResNet50",
    "keras.applications.resnet50": "ResNet50",
    "keras.applications.resnet_v2": "ResNet101V2 ResNet152V2 ResNet50V2",
    "keras.applications.vgg16": "VGG16",
    "keras.applications.vgg19": "VGG19",
    "keras.applications.xception": "Xception",
    "keras.losses": "KLD MAE MAPE MSE MSLE kld kullback_leibler_divergence logcosh mae mape mse msle",
    "keras.metrics": """
        KLD MAE MAPE MSE MSLE binary_crossentropy categorical_crossentropy hinge kl_divergence kld kullback_leibler_divergence
        log_cosh logcosh mae mape mean_absolute_error mean_absolute_percentage_error mean_squared_error
        mean_squared_logarithmic_error mse msle poisson sparse_categorical_crossentropy squared_hinge
    """,
    "keras.activations": "hard_swish swish",
    "keras.constraints": "max_norm min_max_norm non_neg unit_norm",
    "keras.initializers": """
        IdentityInitializer OrthogonalInitializer constant glorot_normal glorot_uniform he_normal he_uniform identity lecun_normal
        lecun_uniform ones orthogonal random_normal random_uniform truncated_normal variance_scaling zeros
    """,
    "keras.regularizers": "l1 l1_l2 l2 orthogonal_regularizer",
}
#: Strings, by the module whose ``get`` knows what they stand for.
STRINGS = {
    "keras.optimizers": """
        Adadelta Adafactor Adagrad Adam AdamW Adamax Ftrl Lion Muon Nadam RMSprop SGD
        adadelta adafactor adagrad adam adamw adamax ftrl lion muon nadam rmsprop sgd
    """,
    "keras.losses": """
        BCE KLD MAE MAPE MSE MSLE bce kld mae mape mse msle
        binary_crossentropy binary_focal_crossentropy categorical_crossentropy categorical_focal_crossentropy categorical_hinge
        cosine_similarity dice hinge huber kl_divergence log_cosh mean_absolute_error mean_absolute_percentage_error
        mean_squared_error mean_squared_logarithmic_error poisson sparse_categorical_crossentropy squared_hinge tversky
    """,
    "keras.metrics": """
        BCE MAE MAPE MSE MSLE bce mae mape mse msle
        AUC auc binary_accuracy binary_crossentropy categorical_accuracy categorical_crossentropy categorical_hinge
        cosine_similarity hinge kl_divergence mean_absolute_error mean_absolute_percentage_error mean_squared_error
        mean_squared_logarithmic_error poisson Precision precision Recall recall root_mean_squared_error RootMeanSquaredError
        sparse_categorical_accuracy sparse_categorical_crossentropy sparse_top_k_categorical_accuracy squared_hinge
        top_k_categorical_accuracy
    """,
    "keras.activations": """
        celu elu exponential gelu hard_sigmoid hard_silu hard_swish leaky_relu linear log_sigmoid log_softmax mish relu relu6 selu
        sigmoid silu softmax softplus softsign swish tanh
    """,
    "keras.initializers": """
        glorot_normal glorot_uniform he_normal he_uniform identity lecun_normal lecun_uniform normal one ones orthogonal
        random_normal random_uniform truncated_normal uniform variance_scaling zero zeros
    """,
    "keras.regularizers": "l1 l2 L1 L2",
    "keras.constraints": "max_norm non_neg unit_norm",
}
#: Strings that ``metrics=`` resolves by the shapes of what it is given; each trained by a test.
BY_SHAPE = "acc accuracy"

#: Layers that are plain as an ``activation=`` too: what an activation creates, as ``PReLU`` does, is not there before the first
#: fit, and the variables of two models would not be the same ones in the same order.
ACTIVATIONS = "ELU LeakyReLU ReLU Softmax"
#: Arguments that make a plain layer one that is not, unless they have a value beside them: with another it has state that is kept
#: between batches, or leaves TensorFlow's loop over time for Keras's own.
STATEFUL_ARGUMENTS: dict[str, tuple[object, ...]] = {
    "stateful": (False,), "unroll": (False,), "recurrent_dropout": (0,), "recurrent_activation": ("sigmoid",),
    "use_cudnn": ("auto",), "exclude_layers": (),
}  # fmt: skip
#: Those of single layers; "relu" has a test.
_OWN_ARGUMENTS: dict[str, dict[str, tuple[object, ...]]] = {
    "keras.layers.LSTM": {"activation": ("tanh", "relu"), "use_bias": (True,)},
    "keras.layers.GRU": {"activation": ("tanh", "relu"), "use_bias": (True,), "reset_after": (True,)},
}


def _full(rows: dict[str, str]) -> frozenset[str]:
    return frozenset(f"{module}.{name}" for module, names in rows.items() for name in names.split())


_PLAIN = _full(PARTS) | _full(ALIASES)
_PLAIN_STRINGS = frozenset(text for names in (*STRINGS.values(), BY_SHAPE) for text in names.split())


def is_plain(name: str) -> bool:
    """Whether a canonical name is a class or function of Keras for which the short helper is proved.

    >>> is_plain("keras.layers.Dense"), is_plain("keras.layers.Lambda")
    (True, False)
    """
    return name in _PLAIN


def is_plain_string(text: str) -> bool:
    """Whether a string, as an argument of ``compile()`` or of a layer, stands for such a class or function."""
    return text in _PLAIN_STRINGS


def is_plain_activation(name: str) -> bool:
    """Whether a canonical name is a function, or a class of layers, for which that is so as an ``activation=``."""
    module, _, last = name.rpartition(".")
    return name in _PLAIN and (module in {"keras.activations", "tensorflow.nn"} or last in ACTIVATIONS.split())


def keeps_bits_in_batches(name: str) -> bool:
    """Whether a layer, by its canonical name, gives the same bits when it is traced for one batch size as for any (tested)."""
    return name.rpartition(".")[2] in {"Activation", "Dense", "Dropout", "Flatten", "Input", "InputLayer"}


def may_have_state(name: str) -> bool:
    """Whether objects of a class of Keras or TensorFlow, by its canonical name, may be others after they were used."""
    stateless = ("keras.losses.", "keras.initializers.", "keras.regularizers.", "keras.constraints.")
    return name.startswith(("keras.", "tensorflow.")) and not name.startswith(stateless)


def spoils(name: str, argument: str, value: object = None) -> bool:
    """Whether an argument of a plain class, with a value that is known or ``None``, makes it one for which nothing is proved.

    >>> spoils("keras.layers.LSTM", "activation", "selu"), spoils("keras.layers.Dense", "activation", "selu")
    (True, False)
    """
    usual = {**STATEFUL_ARGUMENTS, **_OWN_ARGUMENTS.get(name, {})}
    return argument in usual and value not in usual[argument]
