import Testing

@testable import FaultSuite

@Suite struct LinkTapTests {
    private static let sync: [UInt8] = [UInt8(ascii: "S"), 0, 0, 0, 4]

    @Test(arguments: [
        (Trap.Moment.beforeForwarding, LinkTap.Action.cutNow), (.afterForwarding, .forwardThenCut), (.insteadOfReply, .forwardThenSwallow),
    ])
    func aStatementSpringsTheTrapAtItsEnd(moment: Trap.Moment, action: LinkTap.Action) {
        var tap = LinkTap(.statement(holding: "buyer-", cut: moment))
        #expect(tap.clientSent(Array("insert … buyer-7".utf8)) == .forward)
        #expect(tap.clientSent(Self.sync) == action)
    }

    @Test func aStatementWithoutTheMarkerPasses() {
        var tap = LinkTap(.statement(holding: "buyer-", cut: .beforeForwarding))
        #expect(tap.clientSent(Array("select".utf8) + Self.sync) == .forward)
    }

    /// TCP cuts where it likes.
    @Test func markerAndEndMayArriveByteByByte() {
        var tap = LinkTap(.statement(holding: "buyer-", cut: .beforeForwarding))
        let bytes = Array("x buyer-7 y".utf8) + Self.sync
        #expect(bytes.map { tap.clientSent([$0]) } == Array(repeating: .forward, count: bytes.count - 1) + [.cutNow])
    }

    @Test func aTrapForBytesCountsThem() {
        var tap = LinkTap(Trap(trigger: .bytes(10), moment: .afterForwarding))
        #expect(tap.clientSent([UInt8](repeating: 0, count: 9)) == .forward)
        #expect(tap.clientSent([0]) == .forwardThenCut)
    }
}
