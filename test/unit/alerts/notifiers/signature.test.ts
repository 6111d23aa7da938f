import { expect, test } from '@jest/globals'
import { signatureHeaders } from '../../../../src/alerts/notifiers/webhook/signature.ts'

test('a request is signed as Standard Webhooks says', () => {
  // The published example of that specification.
  const id = 'msg_p5jXN8AQM9LWM0D4loKWxJek'
  const headers = signatureHeaders(
    { id, body: '{"test": 2432232314}' },
    'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
    1_614_265_330_123,
  )
  expect(headers).toEqual({
    'webhook-id': id,
    'webhook-timestamp': '1614265330',
    'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  })
})

test('a secret without the mark is taken as it is', () => {
  const message = { id: 'a', body: 'b' }
  const plain = signatureHeaders(message, 'secret', 0)
  const encoded = signatureHeaders(message, `whsec_${Buffer.from('secret').toString('base64')}`, 0)
  expect(plain).toEqual(encoded)
})
