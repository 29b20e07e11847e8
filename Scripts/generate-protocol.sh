#!/bin/sh
# Makes Sources/LiveKitProtocol/*.pb.swift from the .proto files beside them. Needs protoc; the Swift plug-in is built
# from the swift-protobuf that the package depends on, so that generated code and runtime agree.
set -eu

cd "$(dirname "$0")/.."
out=Sources/LiveKitProtocol
protos=$out/protos

swift build --product protoc-gen-swift
plugin=$(find -L .build/debug -maxdepth 1 -type f -perm -u+x -name 'protoc-gen-swift*' | head -n 1)
[ -n "$plugin" ] || { echo "protoc-gen-swift was not built" >&2; exit 1; }

rm -f "$out"/*.pb.swift
protoc --plugin="protoc-gen-swift=$plugin" --proto_path="$protos" \
    --swift_opt=Visibility=Package --swift_opt=UseAccessLevelOnImports=true --swift_out="$out" "$protos"/*.proto
