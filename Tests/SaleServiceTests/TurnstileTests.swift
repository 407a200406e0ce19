import Synchronization
import Testing

@testable import SaleService
@testable import Simulation

@Suite struct TurnstileTests {
    private final class Crowd: Sendable {
        private let state = Mutex((inside: 0, most: 0, order: [Int]()))
        func enter(_ number: Int) {
            state.withLock { state in
                state.inside += 1
                state.most = max(state.most, state.inside)
                state.order.append(number)
            }
        }
        func leave() { state.withLock { $0.inside -= 1 } }
        var most: Int { state.withLock { $0.most } }
        var order: [Int] { state.withLock { $0.order } }
    }

    @Test func `no more are inside than there are places, and the others follow in their order`() throws {
        let bed = TestBed()
        let (turnstile, crowd, runtime) = (Turnstile(places: 2), Crowd(), bed.context.runtime)
        for number in 0..<6 {
            bed.process.spawn {
                await turnstile.pass {
                    crowd.enter(number)
                    try? await runtime.sleep(.milliseconds(10))
                    crowd.leave()
                }
            }
            bed.pass(milliseconds: 1)
        }
        bed.pass(milliseconds: 100)
        #expect(crowd.most == 2 && crowd.order == Array(0..<6))
    }

    @Test func `whoever fails inside leaves all the same`() throws {
        let bed = TestBed()
        let turnstile = Turnstile(places: 1)
        for _ in 0..<3 {
            #expect(throws: CancellationError.self) {
                try bed.result { try await turnstile.pass { () async throws -> Void in throw CancellationError() } }
            }
        }
    }
}
