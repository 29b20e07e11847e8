import CUSRSCTP
import Glibc

/// An association of libusrsctp, which browsers used for years: the oracle that ours must agree with. The library has
/// one state for the process, so only one test may use it at a time.
final class UsrsctpPeer {
    struct Message: Equatable {
        var stream: UInt16
        var ppid: UInt32
        var bytes: [UInt8]
    }

    enum Setup { case connects, listens }

    /// Packets it wants sent.
    var packets: [[UInt8]] = []
    private(set) var messages: [Message] = []
    private(set) var isUp = false
    private(set) var isDown = false
    /// Streams that our side reset.
    private(set) var resetStreams: [UInt16] = []
    private var partial: [UInt16: [UInt8]] = [:]
    private var socket: OpaquePointer?
    private var listener: OpaquePointer?

    private static let library: Void = {
        usrsctp_init_nothreads(
            0,
            { address, buffer, length, _, _ in
                let peer = Unmanaged<UsrsctpPeer>.fromOpaque(address!).takeUnretainedValue()
                peer.packets.append(Array(UnsafeRawBufferPointer(start: buffer, count: length)))
                return 0
            }, nil)
    }()

    private var address: UnsafeMutableRawPointer { Unmanaged.passUnretained(self).toOpaque() }

    init(_ setup: Setup, streams: UInt16 = 1024) {
        _ = Self.library
        usrsctp_register_address(address)
        let socket = usrsctp_socket(
            AF_CONN, Int32(SOCK_STREAM.rawValue), Int32(IPPROTO_SCTP),
            { socket, _, data, length, info, flags, owner in
                let peer = Unmanaged<UsrsctpPeer>.fromOpaque(owner!).takeUnretainedValue()
                if let data {
                    peer.take(UnsafeRawBufferPointer(start: data, count: length), info, flags)
                    free(data)
                }
                return 1
            }, nil, 0, address)
        self.socket = socket
        usrsctp_set_non_blocking(socket, 1)
        var linger = Glibc.linger(l_onoff: 1, l_linger: 0)
        usrsctp_setsockopt(socket, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<Glibc.linger>.size))
        for type in [SCTP_ASSOC_CHANGE, SCTP_STREAM_RESET_EVENT] {
            var event = sctp_event()
            event.se_assoc_id = UInt32(SCTP_ALL_ASSOC)
            event.se_on = 1
            event.se_type = UInt16(type)
            set(SCTP_EVENT, &event)
        }
        var initial = sctp_initmsg()
        initial.sinit_num_ostreams = streams
        initial.sinit_max_instreams = streams
        set(SCTP_INITMSG, &initial)
        var reset = sctp_assoc_value(assoc_id: 0, assoc_value: 1)
        set(SCTP_ENABLE_STREAM_RESET, &reset)
        var noDelay: Int32 = 1
        set(SCTP_NODELAY, &noDelay)
        var own = connectionAddress
        withUnsafeMutablePointer(to: &own) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                _ = usrsctp_bind(socket, $0, socklen_t(MemoryLayout<sockaddr_conn>.size))
                if setup == .connects {
                    _ = usrsctp_connect(socket, $0, socklen_t(MemoryLayout<sockaddr_conn>.size))
                }
            }
        }
        if setup == .listens {
            usrsctp_listen(socket, 1)
            listener = socket
        }
    }

    /// Must be called before the last reference goes: the library holds none.
    func close() {
        if let socket { usrsctp_close(socket) }
        if let listener, listener != socket { usrsctp_close(listener) }
        usrsctp_deregister_address(address)
    }

    func receive(_ packet: [UInt8]) {
        usrsctp_conninput(address, packet, packet.count, 0)
        if let listener, listener == socket, let accepted = usrsctp_accept(listener, nil, nil) {
            socket = accepted
            usrsctp_set_non_blocking(accepted, 1)
        }
    }

    @discardableResult
    func send(
        _ bytes: [UInt8], ppid: UInt32, stream: UInt16, isOrdered: Bool = true, maxRetransmits: UInt32? = nil
    ) -> Bool {
        var options = sctp_sendv_spa()
        options.sendv_flags = UInt32(SCTP_SEND_SNDINFO_VALID)
        options.sendv_sndinfo.snd_sid = stream
        options.sendv_sndinfo.snd_ppid = ppid.bigEndian
        options.sendv_sndinfo.snd_flags = UInt16(SCTP_EOR) | (isOrdered ? 0 : UInt16(SCTP_UNORDERED))
        if let maxRetransmits {
            options.sendv_flags |= UInt32(SCTP_SEND_PRINFO_VALID)
            options.sendv_prinfo.pr_policy = UInt16(SCTP_PR_SCTP_RTX)
            options.sendv_prinfo.pr_value = maxRetransmits
        }
        let count = usrsctp_sendv(
            socket, bytes, bytes.count, nil, 0, &options, socklen_t(MemoryLayout<sctp_sendv_spa>.size),
            UInt32(SCTP_SENDV_SPA), 0)
        return count == bytes.count
    }

    func resetOutgoing(stream: UInt16) -> Bool {
        // struct sctp_reset_streams, whose last member is an array of any length.
        var request: [UInt16] = [0, 0, UInt16(SCTP_STREAM_RESET_OUTGOING), 1, stream]
        return usrsctp_setsockopt(socket, Int32(IPPROTO_SCTP), SCTP_RESET_STREAMS, &request, 10) == 0
    }

    func shutdown() {
        usrsctp_shutdown(socket, Int32(SHUT_WR))
    }

    private func set<Value: BitwiseCopyable>(_ option: Int32, _ value: inout Value) {
        let size = socklen_t(MemoryLayout<Value>.size)
        withUnsafeMutableBytes(of: &value) {
            _ = usrsctp_setsockopt(socket, Int32(IPPROTO_SCTP), option, $0.baseAddress, size)
        }
    }

    private var connectionAddress: sockaddr_conn {
        var connection = sockaddr_conn()
        connection.sconn_family = UInt16(AF_CONN)
        connection.sconn_port = in_port_t(5000).bigEndian
        connection.sconn_addr = address
        return connection
    }

    private func take(_ data: UnsafeRawBufferPointer, _ info: sctp_rcvinfo, _ flags: Int32) {
        if flags & Int32(MSG_NOTIFICATION) != 0 { return takeNotification(data) }
        partial[info.rcv_sid, default: []] += Array(data)
        guard flags & Int32(MSG_EOR) != 0, let bytes = partial.removeValue(forKey: info.rcv_sid) else {
            return
        }
        messages.append(Message(stream: info.rcv_sid, ppid: UInt32(bigEndian: info.rcv_ppid), bytes: bytes))
    }

    private func takeNotification(_ data: UnsafeRawBufferPointer) {
        let words = stride(from: 0, to: data.count & ~1, by: 2).map {
            data.loadUnaligned(fromByteOffset: $0, as: UInt16.self)
        }
        switch Int32(words[0]) {
        case SCTP_ASSOC_CHANGE where words.count > 4:
            if Int32(words[4]) == SCTP_COMM_UP { isUp = true }
            if [SCTP_COMM_LOST, SCTP_SHUTDOWN_COMP].contains(Int32(words[4])) { isDown = true }
        case SCTP_STREAM_RESET_EVENT where Int32(words[1]) & SCTP_STREAM_RESET_INCOMING_SSN != 0:
            resetStreams += words.dropFirst(6)
        default: break
        }
    }
}
