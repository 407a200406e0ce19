import NIOCore
import SaleCore
import Testing

@testable import HTTPFront

@Suite struct StreamPlacesTests {
    @Test func `an address has its share, and all together theirs`() {
        let places = StreamPlaces(max: 3, perAddressMax: 2)
        #expect(places.enter("a"))
        #expect(places.enter("a"))
        #expect(!places.enter("a"))
        #expect(places.enter("b"))
        #expect(!places.enter("c"))
        #expect(places.count == 3)
        places.leave("a")
        #expect(places.enter("a"))
        places.leave("b")
        #expect(!places.enter("a"))
        #expect(places.enter(nil))
        #expect(places.count == 3)
    }

    @Test func `none may be had`() {
        #expect(!StreamPlaces(max: 0).enter("a"))
    }

    /// No deadline but that of a client who takes nothing.
    @Test func `a stream is not cut for its age`() {
        let (began, late) = (MonotonicInstant(nanoseconds: 1), MonotonicInstant(nanoseconds: 3_600_000_000_000))
        var deadlines = ConnectionDeadlines(openedAt: began)
        deadlines.bytesArrived(at: began)
        deadlines.streamBegan()
        deadlines.requestEnded()
        deadlines.bytesArrived(at: began)
        #expect(deadlines.overdue(at: late, limits: ConnectionLimits(), isCrowded: true) == nil)
        deadlines.unwritableSince = began
        #expect(deadlines.overdue(at: late, limits: ConnectionLimits(), isCrowded: false) == .reader)
        deadlines.unwritableSince = nil
        deadlines.lastAnswerWritten(at: began)
        #expect(deadlines.overdue(at: late, limits: ConnectionLimits(), isCrowded: false) == .reader)
    }
}
