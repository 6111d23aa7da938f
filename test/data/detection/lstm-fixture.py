# Writes lstm-fixture.json: a network of the form that autoencoder-network.ts has, with its loss and gradients by PyTorch.
# python -m pip install torch; python lstm-fixture.py
import json

import torch

torch.manual_seed(11)
torch.set_default_dtype(torch.float64)
steps, features, hidden = 6, 3, 5
encoder = torch.nn.LSTM(features, hidden, batch_first=True)
decoder = torch.nn.LSTM(hidden, hidden, batch_first=True)
linear = torch.nn.Linear(hidden, features)
for layer in (encoder, decoder):
    layer.bias_hh_l0.data.zero_()
window = torch.randn(1, steps, features)
outputs, _ = encoder(window)
code = outputs[:, -1:, :].repeat(1, steps, 1)
made = linear(decoder(code)[0])
loss = torch.nn.functional.mse_loss(made, window)
loss.backward()
parameters = [
    parameter
    for layer in (encoder, decoder)
    for parameter in (layer.weight_ih_l0, layer.weight_hh_l0, layer.bias_ih_l0)
] + [linear.weight, linear.bias]
fixture = {
    'madeBy': f'lstm-fixture.py, torch {torch.__version__}, seed 11, 64 bits',
    'steps': steps,
    'features': features,
    'hidden': hidden,
    'weights': [value for parameter in parameters for value in parameter.detach().flatten().tolist()],
    'gradients': [value for parameter in parameters for value in parameter.grad.flatten().tolist()],
    'window': window.flatten().tolist(),
    'made': made.detach().flatten().tolist(),
    'loss': loss.item(),
}
with open('lstm-fixture.json', 'w') as file:
    json.dump(fixture, file)
