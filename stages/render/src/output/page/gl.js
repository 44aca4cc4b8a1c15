// WebGL 2: one hidden canvas draws every surface, from the eye, flat from above, or as numbers to be picked.

const HALF = [1.15, 1.15, 0.8];
const DISTANCE = 9;
const MODE = { solid: 0, floor: 1, plane: 2, pick: 3 };

const VERTEX = `#version 300 es
layout(location = 0) in vec2 place;   // in the box
layout(location = 1) in float height; // from 0 to 1
layout(location = 2) in vec2 slope;   // of the box
layout(location = 3) in vec2 cell;    // column and row
uniform vec3 right, up, towards, half_box;
uniform vec2 zoom, shift;
uniform float lift, eye;
uniform int mode;
uniform float size;
out float v_height;
out vec2 v_slope, v_cell;
void main() {
  v_height = height;
  v_slope = slope;
  v_cell = cell;
  gl_PointSize = size;
  if (mode == 2) { gl_Position = vec4(place / half_box.xy, 0.0, 1.0); return; }
  float z = mode == 1 ? -1.0 : 2.0 * (lift + (1.0 - lift) * height) - 1.0;
  vec3 p = vec3(place, z * half_box.z);
  float away = eye - dot(p, towards);
  float near = eye - 3.0, far = eye + 3.0;
  vec2 at = eye * zoom * vec2(dot(p, right), dot(p, up)) + shift * away;
  gl_Position = vec4(at, ((far + near) * away - 2.0 * far * near) / (far - near), away);
  if (size > 0.0) gl_Position.z -= 0.012 * away; // a path lies just above its surface
}`;

const FRAGMENT = `#version 300 es
precision highp float;
precision highp int;
in float v_height;
in vec2 v_slope, v_cell;
uniform sampler2D colours;
uniform highp sampler2D heights;
uniform vec2 iso;
uniform vec3 light, towards, ink;
uniform int mode;
uniform float size;
uniform float beyond, stripe;
uniform vec4 paint;
out vec4 colour;
void main() {
  if (size > 0.0) {
    if (distance(gl_PointCoord, vec2(0.5)) > 0.5) discard;
    colour = paint;
    return;
  }
  if (mode == 3) { // two numbers of 16 bits
    vec2 n = floor(v_cell * 64.0 + 0.5);
    colour = vec4(floor(n / 256.0), mod(n, 256.0)).xzyw / 255.0;
    return;
  }
  // bilinear in the cell: a triangle's own plane would bend the lines at its diagonal; beside a hole it is all there is
  ivec2 corner = min(ivec2(v_cell), textureSize(heights, 0) - 2);
  vec4 z = vec4(texelFetch(heights, corner, 0).r, texelFetch(heights, corner + ivec2(1, 0), 0).r,
    texelFetch(heights, corner + ivec2(0, 1), 0).r, texelFetch(heights, corner + ivec2(1, 1), 0).r);
  vec2 at = v_cell - vec2(corner);
  float height = any(lessThan(z, vec4(-0.5))) ? v_height : mix(mix(z.x, z.y, at.x), mix(z.z, z.w, at.x), at.y);
  float level = (height - iso.x) / iso.y;
  float line = abs(fract(level - 0.5) - 0.5) / max(fwidth(level), 1e-6);
  // a line that lies beyond the end of the scale would show as hairlines at its border
  float own = iso.x + floor(level + 0.5) * iso.y;
  float on = (1.0 - smoothstep(0.5, 1.5, line)) * step(-0.01, level) * step(max(height, own), min(0.9995, beyond - 0.0005));
  vec3 base = texture(colours, vec2((height * 255.0 + 0.5) / 256.0, 0.5)).rgb;
  if (mode == 1) { colour = vec4(mix(base, ink, 0.25) * on, on); return; }
  // what was cut off is hatched: slanted lines of the screen
  float slanted = abs(fract((gl_FragCoord.x + gl_FragCoord.y) / (8.0 * stripe)) - 0.5) * 8.0 * stripe;
  if (height >= beyond) base = mix(base, vec3(0.0), 0.5 * (1.0 - smoothstep(0.5 * stripe, 1.5 * stripe, slanted)));
  if (mode == 2) { colour = vec4(mix(base, vec3(0.0), 0.45 * on), 1.0); return; }
  vec3 normal = normalize(vec3(-v_slope, 1.0)) * (gl_FrontFacing ? 1.0 : -1.0);
  float bright = 0.52 + 0.55 * max(dot(normal, light), 0.0);
  float gloss = 0.18 * pow(max(dot(normal, normalize(light + towards)), 0.0), 40.0);
  colour = vec4(mix(min(base * bright * (1.0 - 0.3 * on), 1.0), vec3(1.0), gloss), 1.0);
}`;

function makePainter() {
  const canvas = document.createElement("canvas");
  const gl = canvas.getContext("webgl2", { antialias: true, premultipliedAlpha: true, preserveDrawingBuffer: true });
  if (!gl) return null;
  const program = gl.createProgram();
  for (const [kind, source] of [[gl.VERTEX_SHADER, VERTEX], [gl.FRAGMENT_SHADER, FRAGMENT]]) {
    const shader = gl.createShader(kind);
    gl.shaderSource(shader, source);
    gl.compileShader(shader);
    if (!gl.getShaderParameter(shader, gl.COMPILE_STATUS)) throw new Error(gl.getShaderInfoLog(shader));
    gl.attachShader(program, shader);
  }
  gl.linkProgram(program);
  if (!gl.getProgramParameter(program, gl.LINK_STATUS)) throw new Error(gl.getProgramInfoLog(program));
  gl.useProgram(program);
  const uniforms = {};
  const uniform = (name) => (uniforms[name] ??= gl.getUniformLocation(program, name));
  gl.uniform3fv(uniform("half_box"), HALF);
  gl.uniform1f(uniform("eye"), DISTANCE);
  gl.uniform1i(uniform("heights"), 1);
  function makeTexture(unit, filter) {
    const texture = gl.createTexture();
    gl.activeTexture(gl.TEXTURE0 + unit);
    gl.bindTexture(gl.TEXTURE_2D, texture);
    for (const key of ["MIN_FILTER", "MAG_FILTER"]) gl.texParameteri(gl.TEXTURE_2D, gl["TEXTURE_" + key], filter);
    for (const key of ["WRAP_S", "WRAP_T"]) gl.texParameteri(gl.TEXTURE_2D, gl["TEXTURE_" + key], gl.CLAMP_TO_EDGE);
    return texture;
  }
  makeTexture(0, gl.LINEAR);
  const target = gl.createFramebuffer();
  const picked = gl.createRenderbuffer();
  const depth = gl.createRenderbuffer();

  /** Buffers of a mesh or of points: the names and sizes of the attributes, in the order of their locations. */
  function makeBuffers() {
    const vao = gl.createVertexArray();
    const buffers = [2, 1, 2, 2].map(() => gl.createBuffer());
    const index = gl.createBuffer();
    const texture = makeTexture(1, gl.NEAREST);
    let count = 0;
    return {
      /** Heights of the nodes, from 0 to 1, -1 where there is none. */
      texture(heights, nx, ny) {
        gl.activeTexture(gl.TEXTURE1);
        gl.bindTexture(gl.TEXTURE_2D, texture);
        gl.texImage2D(gl.TEXTURE_2D, 0, gl.R32F, nx, ny, 0, gl.RED, gl.FLOAT, heights);
      },
      fill(arrays, indices) {
        gl.bindVertexArray(vao);
        arrays.forEach((array, k) => {
          if (!array) return;
          gl.bindBuffer(gl.ARRAY_BUFFER, buffers[k]);
          gl.bufferData(gl.ARRAY_BUFFER, array, gl.DYNAMIC_DRAW);
          gl.enableVertexAttribArray(k);
          gl.vertexAttribPointer(k, [2, 1, 2, 2][k], gl.FLOAT, false, 0, 0);
        });
        if (indices) {
          gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, index);
          gl.bufferData(gl.ELEMENT_ARRAY_BUFFER, indices, gl.DYNAMIC_DRAW);
        }
        count = indices ? indices.length : arrays[1].length;
      },
      draw(points) {
        if (!count) return;
        gl.bindVertexArray(vao);
        gl.activeTexture(gl.TEXTURE1);
        gl.bindTexture(gl.TEXTURE_2D, texture);
        if (points) gl.drawArrays(gl.POINTS, 0, count);
        else gl.drawElements(gl.TRIANGLES, count, gl.UNSIGNED_INT, 0);
      },
    };
  }

  function look(camera, scene, mode) {
    for (const name of ["right", "up", "towards"]) gl.uniform3fv(uniform(name), camera[name]);
    const light = unit(add(add(times(camera.right, -0.45), times(camera.up, 0.75)), times(camera.towards, 0.55)));
    gl.uniform3fv(uniform("light"), light);
    gl.uniform3fv(uniform("ink"), scene.ink);
    gl.uniform2fv(uniform("iso"), scene.iso);
    gl.uniform1f(uniform("lift"), scene.lift);
    gl.uniform1f(uniform("beyond"), Math.min(scene.beyond, 1e9));
    gl.uniform1f(uniform("stripe"), scene.ratio);
    gl.uniform1i(uniform("mode"), mode);
    gl.uniform1f(uniform("size"), 0);
    // canvas pixels to clip coordinates
    gl.uniform2f(uniform("zoom"), (2 * camera.zoom) / camera.width, (2 * camera.zoom) / camera.height);
    gl.uniform2f(uniform("shift"), (2 * camera.centre[0]) / camera.width - 1, 1 - (2 * camera.centre[1]) / camera.height);
  }

  return {
    makeBuffers,
    colours(rgb) {
      gl.activeTexture(gl.TEXTURE0);
      gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGB8, 256, 1, 0, gl.RGB, gl.UNSIGNED_BYTE, rgb);
    },
    /** Draws into a rectangle of a visible canvas, in device pixels. */
    draw(context, mesh, paths, camera, scene, mode, [x, y, width, height]) {
      if (width < 1 || height < 1) return;
      if (canvas.width < width || canvas.height < height) {
        canvas.width = Math.max(canvas.width, width);
        canvas.height = Math.max(canvas.height, height);
      }
      gl.bindFramebuffer(gl.FRAMEBUFFER, null);
      gl.viewport(0, canvas.height - height, width, height);
      gl.clearColor(0, 0, 0, 0);
      gl.clear(gl.COLOR_BUFFER_BIT | gl.DEPTH_BUFFER_BIT);
      gl.enable(gl.DEPTH_TEST);
      gl.enable(gl.BLEND);
      gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
      if (mode === MODE.solid) {
        look(camera, scene, MODE.floor);
        gl.depthMask(false);
        mesh.draw();
        gl.depthMask(true);
      }
      look(camera, scene, mode);
      mesh.draw();
      // what the surface hides of a path is seen through it, thin and pale
      for (const [test, share, sizes] of [[gl.GREATER, 0.55, [1.1, 3.5]], [gl.LESS, 1, [2.2, 6]]]) {
        gl.depthFunc(test);
        gl.depthMask(share === 1);
        for (const path of mode === MODE.solid ? paths : []) {
          gl.uniform4fv(uniform("paint"), path.colour.map((v) => share * v));
          [path.line, path.steps].forEach((buffers, k) => {
            gl.uniform1f(uniform("size"), sizes[k] * scene.ratio);
            buffers.draw(true);
          });
        }
      }
      gl.depthFunc(gl.LESS);
      gl.depthMask(true);
      context.drawImage(canvas, 0, 0, width, height, x, y, width, height);
    },
    /** Column and row of the nearest surface under a device pixel. */
    pick(mesh, camera, scene, x, y) {
      const { width, height } = camera;
      gl.bindFramebuffer(gl.FRAMEBUFFER, target);
      gl.bindRenderbuffer(gl.RENDERBUFFER, picked);
      gl.renderbufferStorage(gl.RENDERBUFFER, gl.RGBA8, width, height);
      gl.framebufferRenderbuffer(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, gl.RENDERBUFFER, picked);
      gl.bindRenderbuffer(gl.RENDERBUFFER, depth);
      gl.renderbufferStorage(gl.RENDERBUFFER, gl.DEPTH_COMPONENT16, width, height);
      gl.framebufferRenderbuffer(gl.FRAMEBUFFER, gl.DEPTH_ATTACHMENT, gl.RENDERBUFFER, depth);
      gl.viewport(0, 0, width, height);
      gl.enable(gl.SCISSOR_TEST);
      gl.scissor(x, height - 1 - y, 1, 1);
      gl.clearColor(1, 1, 1, 1);
      gl.clear(gl.COLOR_BUFFER_BIT | gl.DEPTH_BUFFER_BIT);
      gl.enable(gl.DEPTH_TEST);
      gl.disable(gl.BLEND);
      look(camera, scene, MODE.pick);
      mesh.draw();
      gl.disable(gl.SCISSOR_TEST);
      const bytes = new Uint8Array(4);
      gl.readPixels(x, height - 1 - y, 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, bytes);
      const [column, row] = [bytes[0] * 256 + bytes[1], bytes[2] * 256 + bytes[3]].map((n) => n / 64);
      return column > 1023 ? null : [Math.round(column), Math.round(row)];
    },
  };
}
