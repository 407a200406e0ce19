import NIOCore
import NIOEmbedded
import Testing

@testable import HTTPFront

/// Most connections only purchase: they get no handler that they do not need.
@Suite struct PipelineOnDemandTests {
    private static func isWhole(_ channel: EmbeddedChannel) -> Bool {
        (try? channel.pipeline.syncOperations.handler(type: PipeliningHandler.self)) != nil
    }

    @Test(arguments: [
        ("GET /livez HTTP/1.1\r\nHost: h\r\n\r\n", true), (WireRequest.purchase("1", "TE: trailers\r\n"), true), ("\r\n", true), ("P", true),
        (WireRequest.purchase("1") + "G", true), (WireRequest.purchase("1"), false), (WireRequest.purchase("1") + WireRequest.purchase("2"), false),
        ("", false),
    ]) func theDecoderComesWithTheFirstByteThatIsOfNoUsualPurchase(bytes: String, isWhole: Bool) throws {
        let channel = try FrontUnderTest(.trustedHeader).open()
        #expect(!Self.isWhole(channel))
        _ = try? channel.writeInbound(ByteBuffer(string: bytes))
        #expect(Self.isWhole(channel) == isWhole)
        _ = try? channel.finish(acceptAlreadyClosed: true)
    }

    /// What the others are told by the pipeline, the one handler hears itself.
    @Test func aConnectionThatOnlyPurchasedEndsWhenTheServerStops() throws {
        for request in ["", WireRequest.purchase("1", sale: "gone")] {
            let channel = try FrontUnderTest(.trustedHeader).open()
            _ = try? channel.writeInbound(ByteBuffer(string: request))
            channel.pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
            #expect(!channel.isActive)
            _ = try? channel.finish(acceptAlreadyClosed: true)
        }
    }
}
