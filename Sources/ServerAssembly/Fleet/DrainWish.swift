/// An operator's wish that this node stops, as a signal would say it.
final class DrainWish: Sendable {
    let wishes: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation

    init() {
        (wishes, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    func express() { continuation.yield() }
}
